#!/usr/bin/python3
# about: Answers without asking anything
# readOnly: yes
import sys

sys.path.insert(0, sys.path[0] + "/../lib")

from script import text

text("nothing was asked")
