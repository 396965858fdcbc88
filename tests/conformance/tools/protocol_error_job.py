#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
# about: Ends with an error of the protocol; always a task.
# task: always
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import script  # noqa: E402

script.say(error={"code": -32603, "message": "The job has broken off"})
