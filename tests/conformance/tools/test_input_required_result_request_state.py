#!/usr/bin/python3
# about: Keeps a state between two rounds
# readOnly: yes
import sys

sys.path.insert(0, sys.path[0] + "/../lib")

from script import ask, content, form, state, text

if content("confirm") is None or state != {"round": 1}:
    ask({"confirm": form("Go on?", {"ok": {"type": "boolean"}}, ["ok"])}, {"round": 1})
text("state-ok")
