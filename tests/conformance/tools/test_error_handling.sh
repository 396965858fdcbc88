#!/bin/sh
# about: Fails on purpose
# readOnly: yes
echo '{"isError":true,"content":[{"type":"text","text":"This tool intentionally returns an error for testing"}]}'
