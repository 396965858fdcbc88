#!/bin/sh
# about: Answers with a sound
# readOnly: yes
echo '{"content":[{"type":"audio","data":"UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=","mimeType":"audio/wav"}]}'
