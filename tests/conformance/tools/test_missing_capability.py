#!/usr/bin/python3
# about: Cannot work without the client's model
# readOnly: yes
import sys

sys.path.insert(0, sys.path[0] + "/../lib")

from script import answers, ask, sampling, text

if "needed" not in answers:
    ask({"needed": sampling("Anything")})
text("answered")
