#!/bin/sh
# Described in the file beside it.
cat >/dev/null
echo "header and argument agree"
