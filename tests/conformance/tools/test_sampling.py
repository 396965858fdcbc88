#!/usr/bin/python3
# about: Asks the client's model
# param prompt string required: What to ask
# readOnly: yes
import sys

sys.path.insert(0, sys.path[0] + "/../lib")

from script import answers, ask, given, sampling, text

if "reply" not in answers:
    ask({"reply": sampling(given["prompt"])})
text("LLM response: " + answers["reply"]["content"].get("text", ""))
