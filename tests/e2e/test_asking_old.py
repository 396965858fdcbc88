# SPDX-License-Identifier: ISC
"""Asking the user in the older revisions, calls that are called off, and
clients that leave: whatever happens, nothing stays behind."""
import http.client
import json
import os
import socket
import stat
import threading
import time
from urllib.parse import urlsplit

import mcpsite
import npm
import servers
from client import MODERN, Client, request

CONF = mcpsite.CONF.replace('state    = "state";', 'state    = "state";\nstreams  = true;\nlogging  = true;').replace("limits   = {", "limits   = { ask_time = \"20s\";") 
ASKING = """#!/usr/bin/python3
# about: Asks for a name and for a sample
# readOnly: yes
# timeout: 20s
import json, sys
given = json.load(sys.stdin)
answers = given.get("input") or {}
form = {"method": "elicitation/create", "params": {"mode": "form", "message": "Who?", "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}}}
sample = {"method": "sampling/createMessage", "params": {"messages": [{"role": "user", "content": {"type": "text", "text": "Say hello"}}], "maxTokens": 10}}
if "who" not in answers:
    print(json.dumps({"ask": {"who": form, "what": sample}}))
else:
    print(json.dumps({"content": [{"type": "text", "text": "%s, %s (%s)" % (answers["what"]["content"]["text"], (answers["who"].get("content") or {}).get("name"), answers["who"]["action"])}]}))
"""
SCRIPTS = {"asks.py": ASKING}
KEYS = {}


def prepare(site):
    folder = os.path.join(site.root, "tools.d")
    os.makedirs(folder, exist_ok=True)
    for name, text in SCRIPTS.items():
        path = os.path.join(folder, name)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o755)
    site.own()


def token(site, name="asked", *options):
    if (site, name) not in KEYS:
        KEYS[site, name] = site.key(name, *options)
    return KEYS[site, name]


def test_asked(server, site):
    s = Old(server, token(site))
    with s.call("asks") as answer:
        got = list(answer.some(2))
        assert {m["method"] for m in got} == {"elicitation/create", "sampling/createMessage"}, got
        for m in got:
            reply = {"action": "accept", "content": {"name": "Ann"}} if m["method"].startswith("e") else {"role": "assistant", "content": {"type": "text", "text": "Hello"}, "model": "m"}
            assert s.post({"jsonrpc": "2.0", "id": m["id"], "result": reply}).status == 202
        last = answer.rest()[-1]
        assert last["result"]["content"][0]["text"] == "Hello, Ann (accept)", last


class Open:
    """An answer that is being read."""

    def __init__(self, url, headers, body):
        u = urlsplit(url)
        self.http = http.client.HTTPConnection(u.hostname, u.port, timeout=60)
        self.http.request("POST", u.path, body, headers)
        self.answer = None
        self.lines = []

    def __enter__(self):
        self.answer = self.http.getresponse()
        return self

    def __exit__(self, *_):
        self.http.close()

    def messages(self):
        while True:
            line = self.answer.readline()
            if not line:
                return
            self.lines.append(line)
            if line.startswith(b"data:") and line.strip() != b"data:":
                yield json.loads(line[5:])

    def some(self, n):
        it = self.messages()
        return [next(it) for _ in range(n)]

    def rest(self):
        return list(self.messages())


class Old:
    """A client of an older revision that can be asked."""

    def __init__(self, server, key, era="2025-11-25", can=None):
        self.server, self.key, self.era = server, key, era
        can = {"elicitation": {}, "sampling": {}, "roots": {}} if can is None else can
        a = self.post({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion": era, "capabilities": can, "clientInfo": {"name": "old", "version": "1"}}}, session=False)
        assert a.status == 200, a
        self.session = a.headers.get("mcp-session-id")
        self.next = 0

    def headers(self, session=True):
        h = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Authorization": "Bearer " + self.key}
        if session and self.session:
            h["Mcp-Session-Id"] = self.session
        if session and self.era >= "2025-06-18":
            h["MCP-Protocol-Version"] = self.era
        return h

    def post(self, m, session=True):
        return request(self.server.url, body=json.dumps(m).encode(), headers=self.headers(session))

    def call(self, tool, arguments=None, progress=False):
        self.next += 1
        p = {"name": tool, "arguments": arguments or {}}
        if progress:
            p["_meta"] = {"progressToken": "p"}
        return Open(self.server.url, self.headers(), json.dumps({"jsonrpc": "2.0", "id": self.next, "method": "tools/call", "params": p}))
