#!/usr/bin/python3
# about: Asks the user for a name and an address
# param message string required: What to show
# readOnly: yes
import sys

sys.path.insert(0, sys.path[0] + "/../lib")

import json

from script import answers, ask, form, given, text

if "user" not in answers:
    ask({"user": form(given["message"], {"username": {"type": "string", "description": "User name"}, "email": {"type": "string", "description": "Address"}}, ["username", "email"])})
text("User response: " + json.dumps(answers["user"]))
