#!/usr/bin/python3
# about: Asks for the client's roots
# readOnly: yes
import sys

sys.path.insert(0, sys.path[0] + "/../lib")

from script import answers, ask, text

if "client_roots" not in answers:
    ask({"client_roots": {"method": "roots/list", "params": {}}})
text("%d roots" % len(answers["client_roots"].get("roots", [])))
