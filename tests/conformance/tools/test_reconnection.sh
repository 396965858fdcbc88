#!/bin/sh
# about: Answers after the stream has been opened
# readOnly: yes
echo '{"content":[{"type":"text","text":"Reconnection test completed."}]}'
