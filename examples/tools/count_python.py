#!/usr/bin/python3
# about: Counts the words and characters of a text
# param text string: What to count; without it the user is asked
# readOnly: yes
"""A tool in Python: a JSON object comes on stdin, JSON lines leave on stdout."""
import json
import sys


def say(**line):
    print(json.dumps(line), flush=True)


given = json.load(sys.stdin)
answer = given.get("input", {}).get("text", {})
text = given.get("text") or answer.get("content", {}).get("text")
if not text and answer:
    say(isError=True, content=[{"type": "text", "text": "there is no text to count"}])
elif not text:
    form = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    say(ask={"text": {"method": "elicitation/create", "params": {
        "mode": "form", "message": "There is no text yet. What shall be counted?", "requestedSchema": form}}})
else:
    say(progress=1, total=2, message="words")
    words = len(text.split())
    say(progress=2, total=2, message="characters")
    say(structuredContent={"words": words, "characters": len(text)})
