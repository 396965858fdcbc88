#!/bin/sh
# about: Writes one log message
# readOnly: yes
echo '{"log":{"level":"info","data":"one message"}}'
echo '{"content":[{"type":"text","text":"Logged."}]}'
