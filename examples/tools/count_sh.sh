#!/bin/sh
# about: Counts the words and characters of a text
# param text string: What to count; without it the user is asked
# readOnly: yes
#
# A tool in sh: the arguments come as one JSON object on stdin, what is
# printed is the answer.  jq would be the usual way to read them; sed does for
# one plain text.
given=$(cat)
# What the user typed, if we asked, and else the argument.
text=$(printf '%s' "$given" | sed -n 's/.*"content":{[^}]*"text":"\([^"]*\)".*/\1/p')
[ -n "$text" ] ||
    text=$(printf '%s' "$given" | sed -n 's/^{"text":"\([^"]*\)".*/\1/p')
if [ -z "$text" ]; then
	printf '%s\n' '{"ask":{"text":{"method":"elicitation/create","params":{"mode":"form","message":"There is no text yet. What shall be counted?","requestedSchema":{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}}}}}'
	exit 0
fi
printf '%s\n' '{"progress":1,"total":2,"message":"words"}'
words=$(printf '%s' "$text" | wc -w)
printf '%s\n' '{"progress":2,"total":2,"message":"characters"}'
characters=$(printf '%s' "$text" | wc -m)
printf '{"structuredContent":{"words":%d,"characters":%d}}\n' \
    "$words" "$characters"
