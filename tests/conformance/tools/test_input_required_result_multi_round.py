#!/usr/bin/python3
# about: Asks twice, one after the other
# readOnly: yes
import sys

sys.path.insert(0, sys.path[0] + "/../lib")

from script import ask, content, form, state, text

if state is None or content("step1") is None and state.get("round") == 1:
    ask({"step1": form("First?", {"name": {"type": "string"}}, ["name"])}, {"round": 1})
if state["round"] == 1:
    ask({"step2": form("Second?", {"color": {"type": "string"}}, ["color"])}, {"round": 2, "first": content("step1")})
if content("step2") is None:
    ask({"step2": form("Second?", {"color": {"type": "string"}}, ["color"])}, state)
text("%s likes %s" % (state["first"].get("name"), content("step2").get("color")))
