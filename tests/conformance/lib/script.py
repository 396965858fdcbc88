# SPDX-License-Identifier: ISC
"""What the fixture scripts share: arguments in, JSON lines out."""
import json
import sys

given = json.load(sys.stdin)
answers = given.pop("input", None) or {}
state = given.pop("state", None)


def say(**line):
    print(json.dumps(line), flush=True)


def text(words):
    say(content=[{"type": "text", "text": words}])


def ask(requests, keep=None):
    """Ask the user and leave; the answers come at the next run."""
    if keep is not None:
        say(state=keep)
    say(ask=requests)
    sys.exit(0)


def form(message, properties, required=()):
    return {"method": "elicitation/create", "params": {"mode": "form", "message": message, "requestedSchema": {"type": "object", "properties": properties, "required": list(required)}}}


def sampling(prompt, tokens=100):
    return {"method": "sampling/createMessage", "params": {"messages": [{"role": "user", "content": {"type": "text", "text": prompt}}], "maxTokens": tokens}}


def content(key):
    """What an accepted form holds, else None."""
    a = answers.get(key)
    return a.get("content") if isinstance(a, dict) and a.get("action") == "accept" else None
