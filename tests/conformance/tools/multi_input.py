#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
# about: Asks two things at the same time; always a task.
# task: always
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import script  # noqa: E402

if not script.answers:
    script.ask({
        "first": script.form("Your name?", {"name": {"type": "string"}}, ["name"]),
        "second": script.form("Are you sure?", {"confirm": {"type": "boolean"}}, ["confirm"]),
    })
script.text("%s, %s" % (script.content("first"), script.content("second")))
