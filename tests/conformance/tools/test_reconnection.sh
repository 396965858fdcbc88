#!/bin/sh
# about: Answers after the stream has been opened
# readOnly: yes
echo '{"log":{"level":"info","data":"the stream is open"}}'
echo '{"content":[{"type":"text","text":"Reconnection test completed."}]}'
