#!/bin/sh
# about: Reports its progress
# readOnly: yes
for n in 0 50 100; do
	echo "{\"progress\":$n,\"total\":100}"
	sleep 0.05
done
echo '{"content":[{"type":"text","text":"Done."}]}'
