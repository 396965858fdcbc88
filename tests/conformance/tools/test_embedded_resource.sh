#!/bin/sh
# about: Answers with an embedded resource
# readOnly: yes
echo '{"content":[{"type":"resource","resource":{"uri":"test://embedded-resource","mimeType":"text/plain","text":"This is an embedded resource content."}}]}'
