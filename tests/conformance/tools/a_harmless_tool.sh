#!/bin/sh
# about: Needs nothing and says so; the first of the list
# readOnly: yes
echo ok
