#!/bin/sh
# SPDX-License-Identifier: ISC
# about: Greets somebody; never a task.
# param name string required: Who.
# task: never
name=$(sed -n 's/.*"name": *"\([^"]*\)".*/\1/p')
printf '{"content":[{"type":"text","text":"Hello, %s!"}]}\n' "$name"
