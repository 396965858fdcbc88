#!/usr/bin/python3
# about: Asks with every form of enumeration
# readOnly: yes
import sys

sys.path.insert(0, sys.path[0] + "/../lib")

import json

from script import answers, ask, form, text

three = [{"const": "value%d" % i, "title": "Title %d" % i} for i in (1, 2, 3)]
options = ["option1", "option2", "option3"]
if "form" not in answers:
    ask({"form": form("Please choose", {
        "untitledSingle": {"type": "string", "enum": options},
        "titledSingle": {"type": "string", "oneOf": three},
        "legacyEnum": {"type": "string", "enum": ["opt1", "opt2", "opt3"], "enumNames": ["One", "Two", "Three"]},
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": options}},
        "titledMulti": {"type": "array", "items": {"anyOf": three}},
    })})
text("Elicitation completed: " + json.dumps(answers["form"]))
