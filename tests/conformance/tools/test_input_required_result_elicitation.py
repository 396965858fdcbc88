#!/usr/bin/python3
# about: Asks for a name
# readOnly: yes
import sys

sys.path.insert(0, sys.path[0] + "/../lib")

from script import ask, content, form, text

name = (content("user_name") or {}).get("name")
if not isinstance(name, str):
    ask({"user_name": form("What is your name?", {"name": {"type": "string"}}, ["name"])})
text("Hello, %s!" % name)
