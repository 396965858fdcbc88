# SPDX-License-Identifier: ISC
"""Asking the user in the older revisions, calls that are called off, and
clients that leave: whatever happens, nothing stays behind."""
import contextlib
import http.client
import json
import os
import signal
import socket
import time
from urllib.parse import urlsplit

import mcpsite
import npm
import servers
from client import MODERN, Client, request

CONF = mcpsite.CONF.replace('state    = "state";', 'state    = "state";\nstreams  = true;\nlogging  = true;').replace("auth_fails", 'ask_time = "60s"; asks = 60; asks_total = 60; auth_fails')
CONF += 'prompts = { greet = { about = "A greeting"; ask = { who = { message = "Who?"; params = { name = { type = "string"; about = "Name"; required = true; }; }; }; }; messages = ( { text = "Hello {{who.name}}"; } ); }; };\n'
HEAD = "# readOnly: yes\n# timeout: %ds\n"
ASKS = """#!/usr/bin/python3
# about: Asks for a name, a sample and the roots
""" + HEAD % 20 + """import json, sys
answers = json.load(sys.stdin).get("input") or {}
form = {"method": "elicitation/create", "params": {"mode": "form", "message": "Who?", "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}}}
sample = {"method": "sampling/createMessage", "params": {"messages": [{"role": "user", "content": {"type": "text", "text": "Hello"}}], "maxTokens": 10}}
if "who" not in answers:
    print(json.dumps({"ask": {"who": form, "what": sample}}))
elif "roots" not in answers:
    print(json.dumps({"state": answers}))
    print(json.dumps({"ask": {"roots": {"method": "roots/list"}, "who": form, "what": sample}}))
else:
    print(json.dumps({"content": [{"type": "text", "text": "%s %s (%s) %s" % (answers["what"]["content"]["text"], (answers["who"].get("content") or {}).get("name"), answers["who"]["action"], answers["roots"]["roots"][0]["uri"])}]}))
"""
FORM = """#!/usr/bin/python3
# about: Asks for a name
""" + HEAD % 20 + """import json, sys
answers = json.load(sys.stdin).get("input") or {}
if "who" not in answers:
    print(json.dumps({"ask": {"who": {"method": "elicitation/create", "params": {"message": "Who?", "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}}}}}))
else:
    print(answers["who"]["action"])
"""
MARK = "mcp-e2e-stays-%d" % os.getpid()
STAYS = "#!/bin/sh\n# about: Goes on for long\n" + HEAD % 60 + """echo '{"progress":1}'
echo '{"log":"on it"}'
exec %s -c 'import sys, time; time.sleep(60)' %s
""" % ("/usr/bin/python3", MARK)
STEPS = "#!/bin/sh\n# about: Goes on for a moment\n" + HEAD % 20 + """for i in 1 2 3 4 5; do echo "{\\"progress\\":$i}"; sleep 0.1; done
echo '{"content":[]}'
"""
LOGS = "#!/bin/sh\n# about: Logs\n" + HEAD % 20 + """echo '{"log":{"level":"debug","data":"small"}}'
echo '{"log":{"level":"info","data":"first"}}'
echo '{"log":{"level":"error","data":{"second":2}}}'
echo '{"content":[]}'
"""
SCRIPTS = {"asks.py": ASKS, "form.py": FORM, "stays.sh": STAYS, "steps.sh": STEPS, "logs.sh": LOGS}
LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
FEW = (servers.Lighttpd, servers.ApacheFcgid, servers.Nginx)
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


class Open:
    """An answer that is being read."""

    def __init__(self, url, headers, body):
        u = urlsplit(url)
        self.http = http.client.HTTPConnection(u.hostname, u.port, timeout=60)
        self.http.request("POST", u.path, body, headers)
        self.seen = b""
        self.answer = self.http.getresponse()

    def messages(self):
        while True:
            line = self.answer.readline()
            if not line:
                return
            self.seen += line
            if line.startswith(b"data:") and line.strip() != b"data:":
                yield json.loads(line[5:])

    def some(self, n):
        it = self.messages()
        return [next(it) for _ in range(n)]

    def last(self):
        if self.answer.getheader("content-type") == "application/json":
            return json.loads(self.answer.read())
        return list(self.messages())[-1]

    def leave(self):
        """As a client does that dies."""
        self.http.sock and self.http.sock.shutdown(socket.SHUT_RDWR)
        self.answer.close()
        self.http.close()


class Old:
    """A client of an older revision."""

    def __init__(self, server, key, era="2025-11-25", can=None):
        self.server, self.key, self.era, self.next = server, key, era, 0
        can = {"elicitation": {}, "sampling": {}, "roots": {}} if can is None else can
        a = self.post({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion": era, "capabilities": can, "clientInfo": {"name": "old", "version": "1"}}}, {})
        assert a.status == 200, a
        self.session = a.headers["mcp-session-id"]

    def headers(self):
        h = {"Mcp-Session-Id": self.session}
        if self.era >= "2025-06-18":
            h["MCP-Protocol-Version"] = self.era
        return h

    def common(self):
        return {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Authorization": "Bearer " + self.key}

    def post(self, m, headers=None):
        return request(self.server.url, body=json.dumps(m).encode(), headers={**self.common(), **(self.headers() if headers is None else headers)})

    def call(self, tool, arguments=None, progress=False):
        p = {"name": tool, "arguments": arguments or {}}
        if progress:
            p["_meta"] = {"progressToken": "p"}
        return self.ask("tools/call", p)

    def ask(self, method, params):
        self.next += 1
        return Open(self.server.url, {**self.common(), **self.headers()}, json.dumps({"jsonrpc": "2.0", "id": self.next, "method": method, "params": params}))

    def reply(self, question, result=None):
        answers = {
            "elicitation/create": {"action": "accept", "content": {"name": "Ann"}},
            "sampling/createMessage": {"role": "assistant", "content": {"type": "text", "text": "Hi"}, "model": "m"},
            "roots/list": {"roots": [{"uri": "file:///srv"}]},
        }
        a = self.post({"jsonrpc": "2.0", "id": question["id"], "result": result or answers[question["method"]]})
        assert a.status == 202 and a.body == b"", a

    def cancel(self, id):
        a = self.post({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id, "reason": "enough"}})
        assert a.status == 202, a


def text(message):
    return message["result"]["content"][0]["text"]


def bus(site):
    path = site.state("bus")
    return sorted(os.listdir(path)) if os.path.isdir(path) else []


def working(site):
    """Processes of ours that have a request in hand: a CGI program, or a worker
    with a connection beside the socket it listens on."""
    found = []
    for pid in os.listdir("/proc"):
        try:
            if not os.readlink("/proc/%s/exe" % pid).startswith(site.bin):
                continue
            links = {fd: os.readlink("/proc/%s/fd/%s" % (pid, fd)) for fd in os.listdir("/proc/%s/fd" % pid)}
        except OSError:
            continue
        if len([k for k in links.values() if k.startswith("socket:")]) != 1 or not links["0"].startswith("socket:"):
            found.append((pid, links))
    return found


def processes(site):
    """All that run a program of this site."""
    found = set()
    for pid in os.listdir("/proc"):
        try:
            if os.readlink("/proc/%s/exe" % pid).startswith(site.bin):
                found.add(int(pid))
        except OSError:
            pass
    return found


def parent(pid):
    with open("/proc/%d/stat" % pid) as f:
        return int(f.read().rsplit(")", 1)[1].split()[1])


def scripts():
    found = []
    for pid in os.listdir("/proc"):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                if MARK.encode() in f.read().split(b"\0"):
                    found.append(int(pid))
        except OSError:
            pass
    return found


def locks(site):
    """Locks on the files where requests meet."""
    inodes = {os.stat(os.path.join(site.state("bus"), n)).st_ino for n in bus(site)}
    with open("/proc/locks") as f:
        return [line for line in f if any(":%d " % i in line for i in inodes)]


def calm(site, seconds=30):
    """Wait until nobody works and nothing is left."""
    servers.wait_until(lambda: not scripts() and not bus(site) and not working(site), seconds=seconds)
    assert locks(site) == []


def audit_of(site, tool, since):
    return [e for e in site.audit()[since:] if e.get("tool") == tool and e["event"] == "call"]


def test_asked_and_answered(server, site):
    c = Old(server, token(site))
    answer = c.call("asks")
    got = answer.some(2)
    assert {m["method"] for m in got} == {"elicitation/create", "sampling/createMessage"}, got
    assert len({m["id"] for m in got}) == 2 and all(len(m["id"]) == 34 for m in got), got
    for m in got:
        c.reply(m)
    for m in answer.some(3):
        c.reply(m)
    assert text(answer.last()) == "Hi Ann (accept) file:///srv", answer.seen
    assert answer.seen.startswith(b"id: "), answer.seen
    servers.wait_until(lambda: bus(site) == [])


def test_each_revision(lighttpd, site):
    for era, tool, asks in (("2025-06-18", "form", True), ("2025-03-26", "form", False), ("2024-11-05", "form", False)):
        c = Old(lighttpd, token(site), era)
        answer = c.call(tool)
        if asks:
            m, = answer.some(1)
            assert "mode" not in m["params"], m
            c.reply(m, {"action": "decline"})
            assert text(answer.last()) == "decline"
            assert b"retry:" not in answer.seen
        else:
            r = json.loads(answer.answer.read())["result"]
            assert r["isError"] and "PERMISSION_DENIED" in r["content"][0]["text"], r


def test_a_prompt_asks_too(lighttpd, site):
    c = Old(lighttpd, token(site))
    answer = c.ask("prompts/get", {"name": "greet"})
    c.reply(answer.some(1)[0])
    assert answer.last()["result"]["messages"][0]["content"]["text"] == "Hello Ann", answer.seen
    answer = c.ask("prompts/get", {"name": "greet"})
    answer.some(1)
    c.cancel(c.next)
    assert list(answer.messages()) == []
    a = Client(lighttpd.url, token(site)).call("prompts/get", {"name": "greet"})
    assert "error" in a.json and "ask" in a.error["message"], a


def test_only_who_can_is_asked(lighttpd, site):
    for can in ({}, {"sampling": {}}, {"elicitation": {"url": {}}}):
        r = json.loads(Old(lighttpd, token(site), can=can).call("form").answer.read())["result"]
        assert r["isError"] and "PERMISSION_DENIED" in r["content"][0]["text"], (can, r)
    # Without the id nothing is known of it.
    r = Client(lighttpd.url, token(site)).tool("form").result
    assert r["isError"] and "PERMISSION_DENIED" in r["content"][0]["text"], r


def test_session_ids(server, site):
    c = Old(server, token(site))
    assert all(0x21 <= ord(x) <= 0x7e for x in c.session) and c.session != Old(server, token(site)).session
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    assert c.post(ping).json["result"] == {}
    for bad in (c.session[:-2] + ("AA" if not c.session.endswith("AA") else "BB"), "x", Old(server, token(site, "other")).session):
        a = c.post(ping, {"Mcp-Session-Id": bad})
        assert a.status == 404 and a.error["code"] == -32600 and a.json["id"] == 1, (bad, a)
    assert request(server.url, "DELETE", headers={**c.common(), **c.headers()}).status == 405
    assert request(server.url, "GET", headers={**c.common(), **c.headers(), "Accept": "text/event-stream", "Last-Event-ID": "0"}).status == 405
    open_one = request(server.url, body=json.dumps({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}}).encode(), headers={"Content-Type": "application/json"})
    assert open_one.status == 200 and "mcp-session-id" not in open_one.headers, open_one


def test_replies_that_count_for_nothing(lighttpd, site):
    c, thief = Old(lighttpd, token(site)), Old(lighttpd, token(site, "other"))
    c.reply({"id": "q-" + 32 * "0", "method": "roots/list"})
    c.reply({"id": "q-../../pepper", "method": "roots/list"})
    answer = c.call("form")
    m, = answer.some(1)
    thief.reply(m, {"action": "accept", "content": {"name": "Eve"}})
    a = request(lighttpd.url, body=json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": {"action": "cancel"}}).encode(), headers={"Content-Type": "application/json"})
    assert a.status == 401, a
    c.reply(m, {"action": "decline"})
    c.reply(m, {"action": "accept", "content": {"name": "again"}})
    assert text(answer.last()) == "decline"
    c.reply(m, {"action": "accept", "content": {"name": "late"}})
    assert bus(site) == []


def test_a_wrong_reply_is_asked_again(lighttpd, site):
    c = Old(lighttpd, token(site))
    answer = c.call("form")
    m, = answer.some(1)
    c.reply(m, {"action": "accept", "content": {"name": 7}})
    again, = answer.some(1)
    assert again["id"] != m["id"] and again["method"] == m["method"], again
    c.reply(again, {"action": "accept", "content": {"name": "Ann"}})
    assert text(answer.last()) == "accept"


def test_an_error_as_reply(lighttpd, site):
    c = Old(lighttpd, token(site))
    answer = c.call("form")
    m, = answer.some(1)
    assert c.post({"jsonrpc": "2.0", "id": m["id"], "error": {"code": -1, "message": "the user hid"}}).status == 202
    r = answer.last()["result"]
    assert r["isError"] and "CANCELLED" in r["content"][0]["text"] and "hid" not in r["content"][0]["text"], r


def test_logs(server, site):
    a = Client(server.url, token(site)).tool("logs")
    logs = [e["params"] for e in a.events if e.get("method") == "notifications/message"]
    assert [(p["level"], p["data"]) for p in logs] == [("info", "first"), ("error", {"second": 2})], a
    modern = Client(server.url, token(site), MODERN)
    assert modern.tool("logs").headers["content-type"] == "application/json"
    a = modern.tool("logs", meta={"io.modelcontextprotocol/logLevel": "debug"})
    assert len([e for e in a.events if e.get("method") == "notifications/message"]) == 3, a
    assert Client(server.url, token(site)).select("SELECT 1").headers["content-type"] == "application/json"


def test_called_off(server, site):
    """A script and a statement, by the client that asked for them."""
    c = Old(server, token(site))
    since = len(site.audit())
    for tool, arguments in (("stays", {}), ("execute_select", {"query": LONG, "defaultCatalog": "shop", "timeout": 60})):
        answer = c.call(tool, arguments, progress=True)
        answer.some(1)
        servers.wait_until(lambda: any(n.startswith("c.") for n in bus(site)))
        Old(server, token(site)).cancel(c.next)  # another session counts from one too
        c.cancel(c.next + 1)
        c.cancel(str(c.next))
        assert any(n.startswith("c.") for n in bus(site))
        c.cancel(c.next)
        rest = list(answer.messages())
        assert not any("result" in m or "error" in m for m in rest), rest
        servers.wait_until(lambda: [e["code"] for e in audit_of(site, tool, since)] == ["CANCELLED"])
    calm(site)


def test_called_off_while_asked(lighttpd, site):
    c = Old(lighttpd, token(site))
    answer = c.call("form")
    answer.some(1)
    c.cancel(c.next)
    assert list(answer.messages()) == []
    servers.wait_until(lambda: bus(site) == [])


def leave(server, site, kind, era):
    """One client that goes away in the middle."""
    if kind == "asking":
        c = Old(server, token(site))
        answer = c.call("form")
    else:
        c = Client(server.url, token(site), era)
        p = {"name": "stays" if era == MODERN else "steps", "arguments": {}}
        if kind == "sql":
            p = {"name": "execute_select", "arguments": {"query": LONG, "defaultCatalog": "shop", "timeout": 60 if era == MODERN else 1}}
        m = c.message("tools/call", p, meta={"progressToken": 1})
        answer = Open(server.url, c.headers("tools/call", p), json.dumps(m))
    if kind != "sql" or era == MODERN:
        answer.some(1)
    answer.leave()


def aborted(server, site, rounds):
    kinds = (("sql", MODERN),) + 2 * (("progress", MODERN), ("asking", "2025-11-25"), ("progress", "2025-11-25"), ("asking", "2025-11-25"))
    assert Client(server.url, token(site)).select("SELECT 1").status == 200
    state = sorted(os.listdir(site.state("")))
    for i in range(rounds):
        leave(server, site, *kinds[i % len(kinds)])
    for _ in range(2):
        leave(server, site, "sql", "2025-06-18")
    calm(site, 60)
    assert sorted(os.listdir(site.state(""))) == sorted(set(state) | {"bus"})
    assert Client(server.url, token(site)).select("SELECT 1").result["structuredContent"]["results"][0]["rows"] == [[1]]


def test_two_hundred_aborted_clients(site):
    with servers.Lighttpd(site, workers=8) as s:
        aborted(s, site, 198)


def test_aborted_clients(server, site):
    aborted(server, site, 9)


test_aborted_clients.servers = servers.ALL[1:]


def test_locks_are_seen(lighttpd, site):
    """The check above could find one."""
    answer = Old(lighttpd, token(site)).call("form")
    answer.some(1)
    assert len(bus(site)) == 3 and len(locks(site)) == 3 and len(working(site)) == 1, (bus(site), locks(site), working(site))
    answer.leave()
    calm(site)


@contextlib.contextmanager
def few_asks(site):
    site.configure(CONF.replace("asks = 60; asks_total = 60", "asks = 2; asks_total = 3"))
    yield
    site.configure(CONF)


def test_who_waits_leaves_room(server, site):
    """One worker: another takes its place, and brings the answers."""
    with few_asks(site), type(server)(site, workers=1) as s:
        c, other = Old(s, token(site)), Old(s, token(site, "other"))
        before = len(processes(site))
        waiting = [(x, x.call("form")) for x in (c, c, other)]
        asked = [w.some(1)[0] for _, w in waiting]
        assert Client(s.url, token(site)).select("SELECT 1").status == 200
        r = other.call("form").last()["result"]
        assert r["isError"] and "BUSY" in r["content"][0]["text"] and "this server" in r["content"][0]["text"], r
        for (x, w), m in zip(waiting, asked):
            x.reply(m)
            assert text(w.last()) == "accept"
        calm(site)
        # mod_fcgid keeps what it started; of ours one goes for each that came.
        servers.wait_until(lambda: s.name == "apache-fcgid" or len(processes(site)) <= before)


def test_of_one_token_so_many(site):
    with few_asks(site), servers.LighttpdCgi(site) as s:
        c = Old(s, token(site))
        waiting = [c.call("form") for _ in range(2)]
        asked = [w.some(1)[0] for w in waiting]
        r = c.call("form").last()["result"]
        assert r["isError"] and "BUSY" in r["content"][0]["text"] and "this token" in r["content"][0]["text"], r
        other = Old(s, token(site, "other"))
        answer = other.call("form")
        other.reply(answer.some(1)[0])
        assert text(answer.last()) == "accept"
        for w, m in zip(waiting, asked):
            c.reply(m)
            assert text(w.last()) == "accept"
    assert bus(site) == []


def test_waiting_is_not_working(lighttpd, site):
    """The hard deadline of a statement is not one of the person who is asked."""
    site.configure(CONF.replace('state    = "state";', 'state    = "state";\nconfirm_writes = "ask";').replace("limits   = {", 'limits   = { hard_extra = "1s"; ').replace("readonly = false;", "readonly = false; timeout = 1;"))
    c = Old(lighttpd, token(site, "writer", "--scope", "read,write", "--source", "shop:SELECT,UPDATE"))
    answer = c.call("execute_update", {"query": "UPDATE orders SET note = 'x' WHERE id = 1", "defaultCatalog": "shop"})
    m, = answer.some(1)
    begin = time.monotonic()
    while time.monotonic() - begin < 3:
        assert Client(lighttpd.url, token(site)).call("ping").status == 200
    c.reply(m, {"action": "accept", "content": {"goOn": True}})
    r = answer.last()["result"]
    assert "isError" not in r, r
    site.configure(CONF)


def test_told_to_leave_while_it_waits(site):
    with servers.Nginx(site, workers=2) as s:
        answer = Old(s, token(site)).call("form")
        answer.some(1)
        s.processes[0].send_signal(signal.SIGTERM)
        r = answer.last()["result"]
        assert r["isError"] and "BUSY" in r["content"][0]["text"], r
        assert s.processes[0].wait(20) == 0
    assert bus(site) == []


def test_killed_while_it_waits(site):
    """Its files stay, until the next one who waits, or gc, sweeps them."""
    with servers.Nginx(site, workers=2) as s:
        answer = Old(s, token(site)).call("form")
        answer.some(1)
        servers.wait_until(lambda: len(bus(site)) >= 2)
        for pid in processes(site):
            if parent(pid) == s.processes[0].pid:
                os.kill(pid, signal.SIGKILL)
        list(answer.messages())
        left = bus(site)
        assert left, "nothing to sweep"
        for name in left:
            os.utime(os.path.join(site.state("bus"), name), (1000, 1000))
        out = site.ctl("gc", "--config", site.conf).stdout
        assert "removed %d left-over file" % len(left) in out, out
    assert bus(site) == []


def official(build, server, site, which):
    Client(server.url, token(site)).call("ping")
    since = len(site.audit())
    p = npm.run(build, "old_asked.mjs", server.url, which, env={"PAT": token(site)})
    assert p.returncode == 0, p.stdout + p.stderr
    x = json.loads(p.stdout.strip().split("\n")[-1])
    assert x["session"] and x["text"] == "Hello! Ann (accept) file:///srv", x
    assert x["asked"] == ["elicitation/create"] * 2 + ["roots/list"] + ["sampling/createMessage"] * 2, x
    assert x["logs"][:2] == ["first", {"second": 2}] and "enough" in x["left"], x
    servers.wait_until(lambda: scripts() == [])
    servers.wait_until(lambda: [e["code"] for e in audit_of(site, "stays", since)] == ["CANCELLED"])


def test_sdk_of_the_first_generation(server, site, build):
    official(build, server, site, "sdk")


def test_official_client_in_an_older_revision(server, site, build):
    official(build, server, site, "client")


test_sdk_of_the_first_generation.servers = FEW
test_official_client_in_an_older_revision.servers = FEW
