#!/usr/bin/python3
# about: Asks only for what the client can do
# readOnly: yes
import sys

sys.path.insert(0, sys.path[0] + "/../lib")

import os

from script import answers, ask, form, sampling, text

can = os.environ.get("MCP_CLIENT_CAN", "").split(",")
if not answers:
    wanted = {}
    if "elicitation" in can:
        wanted["user_name"] = form("What is your name?", {"name": {"type": "string"}})
    if "sampling" in can:
        wanted["greeting"] = sampling("Say hello")
    ask(wanted)
text("answered")
