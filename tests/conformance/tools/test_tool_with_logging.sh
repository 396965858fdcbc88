#!/bin/sh
# about: Writes log messages while it works
# readOnly: yes
for text in "Tool execution started" "Tool processing data" "Tool execution completed"; do
	echo "{\"log\":{\"level\":\"info\",\"data\":\"$text\"}}"
	sleep 0.05
done
echo '{"content":[{"type":"text","text":"Logged."}]}'
