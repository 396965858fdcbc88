#!/usr/bin/python3
# about: Asks for three things at once
# readOnly: yes
import sys

sys.path.insert(0, sys.path[0] + "/../lib")

from script import answers, ask, form, sampling, text

if not {"user_name", "greeting", "client_roots"} <= set(answers):
    ask({
        "user_name": form("What is your name?", {"name": {"type": "string"}}, ["name"]),
        "greeting": sampling("Say hello"),
        "client_roots": {"method": "roots/list", "params": {}},
    }, {"round": 1})
text("all three answered")
