#!/usr/bin/python3
# about: Asks the client's model for a capital
# readOnly: yes
import sys

sys.path.insert(0, sys.path[0] + "/../lib")

from script import answers, ask, sampling, text

if "capital_question" not in answers:
    ask({"capital_question": sampling("What is the capital of France?")})
text("The answer: " + str(answers["capital_question"].get("content", {}).get("text", "")))
