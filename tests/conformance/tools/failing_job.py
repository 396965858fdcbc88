#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
# about: Fails after a second, as tools fail; always a task.
# task: always
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import script  # noqa: E402

time.sleep(1)
script.say(isError=True, content=[{"type": "text", "text": "The job has failed"}])
