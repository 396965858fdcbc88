#!/bin/sh
# about: Answers with one line of text
# readOnly: yes
echo "This is a simple text response for testing."
