#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
# about: Computes for some seconds.
# param seconds number: How long; a little longer than that, when it is not 0.
# param label string: A word for the result.
# timeout: 2m
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import script  # noqa: E402

seconds = script.given.get("seconds", 0)
if seconds > 0:
    time.sleep(seconds + 0.7)
script.text("Computed %s" % script.given.get("label", ""))
