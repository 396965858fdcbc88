#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
# about: Asks for a name at once and then takes its time.
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import script  # noqa: E402

if "user_name" not in script.answers:
    script.ask({"user_name": script.form("What is your name?", {"name": {"type": "string"}}, ["name"])})
time.sleep(2)
script.text("Hello, %s!" % (script.content("user_name") or {}).get("name"))
