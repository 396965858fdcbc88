#!/usr/bin/python3
# about: Asks with a default of every type
# readOnly: yes
import sys

sys.path.insert(0, sys.path[0] + "/../lib")

import json

from script import answers, ask, form, text

if "form" not in answers:
    ask({"form": form("Please check the values", {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        "verified": {"type": "boolean", "default": True},
    })})
text("Elicitation completed: " + json.dumps(answers["form"]))
