#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
# about: Asks before it deletes; always a task.
# param filename string: What to delete.
# task: always
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import script  # noqa: E402

name = script.given.get("filename", "it")
if "confirm" not in script.answers:
    script.ask({"confirm": script.form("Delete %s?" % name, {"confirm": {"type": "boolean"}}, ["confirm"])})
sure = (script.content("confirm") or {}).get("confirm")
script.text("Deleted %s" % name if sure else "Kept %s" % name)
