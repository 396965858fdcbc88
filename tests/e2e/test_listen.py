# SPDX-License-Identifier: ISC
"""subscriptions/listen: what changes is told, to whom it concerns, and a
listener leaves nothing behind."""
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import time
from urllib.parse import urlsplit

import npm
import schema_check
import servers
from client import META, MODERN, Client
from mcpsite import CONF as BASE

CONF = """streams = true;
resources = { note = { uri = "note://one"; path = "data/note.txt"; }; };
@include "prompts.conf"
""" + BASE.replace("limits   = {", "limits   = { listeners = 3; listeners_total = 5;")
PROMPTS = 'prompts = { hello = { about = "%s"; messages = ( { role = "user"; text = "Hello"; } ); }; };\n'
SCRIPT = "#!/bin/sh\n# about: %s\necho hello\n"
ID = META + "subscriptionId"
KEYS = {}


def quick(test):
    """Behind nginx, which says at once when a client has gone."""
    test.servers = (servers.Nginx,)
    return test


def client(server, site, name="listen"):
    if (site, name) not in KEYS:
        KEYS[site, name] = site.key(name, "--scope", "read,write")
    return Client(server.url, KEYS[site, name], MODERN)


class Listener:
    """An open stream; its messages as they come."""

    def __init__(self, c, path="", identity=None, accept=None, **notifications):
        m = c.message("subscriptions/listen", {"notifications": notifications})
        if identity is not None:
            m["id"] = identity
        self.id = m["id"]
        u = urlsplit(c.url + path)
        self.http = http.client.HTTPConnection(u.hostname, u.port, timeout=30)
        h = c.headers("subscriptions/listen", m["params"])
        if accept:
            h["Accept"] = accept
        self.http.connect()
        self.socket = self.http.sock
        self.http.request("POST", u.path, json.dumps(m), h)
        self.answer = self.http.getresponse()
        self.status = self.answer.status

    def next(self, seconds=5):
        """The next message; None at the end of the stream."""
        end = time.monotonic() + seconds
        while True:
            self.socket.settimeout(max(end - time.monotonic(), 0.001))
            line = self.answer.readline()
            if not line:
                return None
            if line.startswith(b"data:"):
                m = json.loads(line[5:])
                complaints = schema_check.check_message(MODERN, m, "subscriptions/listen")
                assert not complaints, (complaints, m)
                return m

    def acknowledged(self):
        m = self.next()
        assert m["method"] == "notifications/subscriptions/acknowledged", m
        assert m["params"]["_meta"] == {ID: self.id}, m
        return m["params"]["notifications"]

    def told(self, method, **more):
        m = self.next()
        assert m == {"jsonrpc": "2.0", "method": "notifications/" + method, "params": {"_meta": {ID: self.id}, **more}}, m

    def ended(self, seconds=5):
        m = self.next(seconds)
        assert m["id"] == self.id and m["result"]["_meta"][ID] == self.id and m["result"]["resultType"] == "complete", m
        assert self.next() is None

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.answer.close()
        self.http.close()


def listen(c, **notifications):
    x = Listener(c, **notifications)
    assert x.status == 200, x.answer.read()
    assert x.acknowledged() == notifications
    return x


def put(site, path, text, mode=0o644):
    """A file, in one step."""
    new = os.path.join(site.root, "new-file")
    with open(new, "w") as f:
        f.write(text)
    os.chmod(new, mode)
    if os.getuid() == 0:
        shutil.chown(new, servers.USER, servers.USER)
    os.rename(new, path)
    return path


def script(site, name):
    return put(site, os.path.join(site.root, "tools.d", name), SCRIPT % "Says hello", 0o755)


def prepare(site):
    os.mkdir(os.path.join(site.root, "tools.d"))
    site.own()
    script(site, "early")
    put(site, site.data("note.txt"), "one")
    put(site, os.path.join(site.root, "prompts.conf"), PROMPTS % "Says hello")


def listeners(site):
    """How many places are locked, asked of the kernel."""
    path = site.state("listeners")
    if not os.path.exists(path):
        return 0
    inode = os.stat(path).st_ino
    with open("/proc/locks") as f:
        return sum(":%d " % inode in line for line in f)


def all_gone(site, seconds):
    servers.wait_until(lambda: listeners(site) == 0, seconds=seconds)


def test_what_changes_is_told_at_once(server, site):
    c = client(server, site)
    began = time.monotonic()
    x = listen(c, toolsListChanged=True)
    assert x.answer.getheader("Content-Type") == "text/event-stream"
    assert time.monotonic() - began < (5 if server.cgi else 0.8)
    changed = time.monotonic()
    name = "tool_" + server.name.replace("-", "_")
    path = script(site, name)
    x.told("tools/list_changed")
    assert time.monotonic() - changed < 1.5, time.monotonic() - changed
    assert name in c.names()
    os.remove(path)
    x.told("tools/list_changed")
    assert name not in c.names()
    x.close()
    all_gone(site, 15)


@quick
def test_only_what_was_asked_for(server, site):
    c = client(server, site)
    tools = listen(c, toolsListChanged=True)
    prompts = Listener(c, identity="a", promptsListChanged=True)
    assert prompts.acknowledged() == {"promptsListChanged": True}
    put(site, os.path.join(site.root, "prompts.conf"), PROMPTS % "Greets")
    prompts.told("prompts/list_changed")
    path = script(site, "later")
    tools.told("tools/list_changed")
    put(site, os.path.join(site.root, "prompts.conf"), PROMPTS % "Says hello")
    prompts.told("prompts/list_changed")
    os.remove(path)
    tools.told("tools/list_changed")
    tools.close()
    prompts.close()
    all_gone(site, 15)


@quick
def test_an_edit_that_changes_nothing_is_not_told(server, site):
    c = client(server, site)
    x = listen(c, toolsListChanged=True, promptsListChanged=True)
    site.configure("// nothing new\n" + CONF)
    path = script(site, "other")
    x.told("tools/list_changed")
    os.remove(path)
    x.told("tools/list_changed")
    x.close()
    all_gone(site, 15)


@quick
def test_resources(server, site):
    c = client(server, site)
    uris = ["note://one", "schema://shop", "schema://log"]
    x = listen(c, resourcesListChanged=True, resourceSubscriptions=uris)
    some = Listener(c, resourceSubscriptions=uris + ["note://two", "schema://nowhere"])
    assert some.acknowledged() == {"resourceSubscriptions": uris}
    some.close()
    put(site, site.data("note.txt"), "two")
    x.told("resources/updated", uri="note://one")
    put(site, site.data("note.txt"), "twelve")
    assert sorted(x.next()["method"] for _ in range(2)) == ["notifications/resources/list_changed", "notifications/resources/updated"]
    db = sqlite3.connect(site.data("shop.db"))
    db.execute("INSERT INTO customers (name) VALUES ('nobody')")
    db.commit()
    db.execute("CREATE TABLE fresh (id INTEGER)")
    db.commit()
    x.told("resources/list_changed")
    x.told("resources/updated", uri="schema://shop")
    db.execute("DROP TABLE fresh")
    db.execute("DELETE FROM customers WHERE name = 'nobody'")
    db.commit()
    db.close()
    x.told("resources/list_changed")
    x.told("resources/updated", uri="schema://shop")
    x.close()
    all_gone(site, 15)


@quick
def test_rights_that_change(server, site):
    token = site.key("narrow", "--source", "log:SELECT")
    c = Client(server.url, token, MODERN)
    x = listen(c, toolsListChanged=True)
    site.configure(CONF.replace('path   = "data/log.db";', 'path   = "data/log.db"; ops = [ "get_tables" ];'))
    x.told("tools/list_changed")
    # What others see is no business of this token.
    site.configure(CONF.replace('about    = "Orders and customers of the web shop";', 'about = "Shop"; ops = [ "get_tables" ];'))
    x.told("tools/list_changed")
    site.configure(CONF)
    site.ctl("key", "revoke", "narrow", "--config", site.conf)
    x.ended()
    assert c.call("tools/list").status == 401
    line = [a for a in site.audit() if a.get("method") == "subscriptions/listen"][-1]
    assert line["event"] == "call" and line["code"] == "CANCELLED" and line["events"] == 2, line


@quick
def test_a_token_that_runs_out(server, site):
    token = site.key("brief")
    x = listen(Client(server.url, token, MODERN), toolsListChanged=True)
    db = sqlite3.connect(site.state("keys.db"))
    db.execute("UPDATE keys SET expires = ? WHERE label = 'brief'", (int(time.time()) + 1,))
    db.commit()
    db.close()
    x.ended()


@quick
def test_a_new_secret_ends_it(server, site):
    token = site.key("turned")
    x = listen(Client(server.url, token, MODERN), toolsListChanged=True)
    site.ctl("key", "rotate", "turned", "--grace", "1h", "--config", site.conf)
    x.ended()


def test_places(server, site):
    a, b = client(server, site, "many"), client(server, site, "others")
    mine = [listen(a, toolsListChanged=True) for _ in range(3)]
    refused = Listener(a, toolsListChanged=True)
    assert refused.status == 429, refused.status
    assert int(refused.answer.getheader("Retry-After")) > 0
    e = json.loads(refused.answer.read())
    assert e["id"] == refused.id and e["error"] == {"code": -32000, "message": "Too many listeners: this token has 3 open already"}, e
    theirs = [listen(b, toolsListChanged=True) for _ in range(2)]
    refused = Listener(b, toolsListChanged=True)
    assert refused.status == 503, refused.status
    assert int(refused.answer.getheader("Retry-After")) > 0
    # And the workers are all free: five listeners, two workers.
    for _ in range(8):
        assert b.call("tools/list").status == 200
    for x in mine + theirs:
        x.close()
    all_gone(site, 15)


@quick
def test_the_time_ends_it(server, site):
    c = client(server, site)
    site.configure(CONF.replace("limits   = {", "limits   = { listen_time = 1;"))
    try:
        listen(c, toolsListChanged=True).ended()
        assert listeners(site) == 0
    finally:
        site.configure(CONF)


def test_sigterm_ends_it(site):
    with servers.Nginx(site, workers=1) as s:
        x = listen(client(s, site), toolsListChanged=True)
        s.processes[0].send_signal(signal.SIGTERM)
        x.ended()
        assert s.processes[0].wait(20) == 0
    assert listeners(site) == 0


def test_sighup_ends_it_too(site):
    with servers.Nginx(site, workers=1) as s:
        c = client(s, site)
        x = listen(c, toolsListChanged=True)
        s.processes[0].send_signal(signal.SIGHUP)
        x.ended()
        assert c.call("tools/list").status == 200
    assert listeners(site) == 0


def test_programs_for_the_first_time(site):
    """The sandbox of this worker runs no programs: it tells and makes way."""
    shutil.rmtree(os.path.join(site.root, "tools.d"))
    os.mkdir(os.path.join(site.root, "tools.d"))
    site.own()
    with servers.Lighttpd(site) as s:
        c = client(s, site)
        x = listen(c, toolsListChanged=True)
        script(site, "early")
        x.told("tools/list_changed")
        x.ended()
        assert "early" in c.names()


@quick
def test_a_connection_that_goes(server, site):
    c = client(server, site)
    x = Listener(c, path="/connections/log", toolsListChanged=True)
    assert x.acknowledged() == {"toolsListChanged": True}
    cut = CONF[:CONF.index("    log = {")] + CONF[CONF.index("};\nenvironments"):]
    site.configure(cut.replace('environments = { logs = { sources = [ "log" ]; }; };', ""))
    x.told("tools/list_changed")
    x.ended()
    site.configure(CONF)


@quick
def test_a_broken_configuration_says_nothing(server, site):
    c = client(server, site)
    x = listen(c, toolsListChanged=True)
    site.configure(CONF + "\nnonsense")
    servers.wait_until(lambda: "has mistakes" in server.stderr())
    path = script(site, "after")
    site.configure(CONF)
    x.told("tools/list_changed")
    os.remove(path)
    x.told("tools/list_changed")
    x.close()
    all_gone(site, 15)


@quick
def test_refusals(server, site):
    c = client(server, site)
    for params, word in (
            ({}, "notifications"), ({"notifications": []}, "notifications"), ({"notifications": {"toolsListChanged": 1}}, "toolsListChanged"),
            ({"notifications": {"resourceSubscriptions": "note://one"}}, "resourceSubscriptions"),
            ({"notifications": {"resourceSubscriptions": [1]}}, "resourceSubscriptions[0]"),
            ({"notifications": {"resourceSubscriptions": ["note://one"] * 101}}, "100")):
        a = c.call("subscriptions/listen", params)
        assert a.status == 200 and a.error["code"] == -32602 and word in a.error["message"], a
    a = c.call("subscriptions/listen", {"notifications": {}}, extra={"Accept": "application/json"})
    assert a.status == 406 and a.error["code"] == -32600, a
    assert Client(server.url, None, MODERN).call("subscriptions/listen", {"notifications": {}}).status == 401
    a = Client(server.url, KEYS[site, "listen"], "2025-11-25").call("subscriptions/listen", {"notifications": {}})
    assert a.status == 200 and a.error["code"] == -32601, a
    assert listeners(site) == 0


@quick
def test_nothing_asked_for(server, site):
    x = listen(client(server, site))
    x.close()
    all_gone(site, 15)


def test_not_offered(site):
    site.configure(CONF.replace("streams = true;", ""))
    try:
        with servers.Lighttpd(site) as s:
            c = client(s, site)
            a = c.call("subscriptions/listen", {"notifications": {}})
            assert a.status == 404 and a.error["code"] == -32601, a
            assert c.call("server/discover").result["capabilities"]["tools"] == {}
            old = Client(s.url, KEYS[site, "listen"], "2025-11-25")
            assert old.call("resources/subscribe", {"uri": "note://one"}).error["code"] == -32601
    finally:
        site.configure(CONF)


@quick
def test_capabilities(server, site):
    c = client(server, site)
    can = c.call("server/discover").result["capabilities"]
    assert can["tools"] == {"listChanged": True} and can["prompts"] == {"listChanged": True}, can
    assert can["resources"] == {"listChanged": True, "subscribe": True}, can
    old = Client(server.url, KEYS[site, "listen"], "2025-11-25")
    a = old.call("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}})
    assert a.result["capabilities"]["tools"] == {} and a.result["capabilities"]["resources"] == {}, a


@quick
def test_subscribe_of_the_older_revisions(server, site):
    client(server, site)
    for era in ("2024-11-05", "2025-11-25"):
        old = Client(server.url, KEYS[site, "listen"], era)
        assert old.call("resources/subscribe", {"uri": "schema://shop"}).result == {}
        assert old.call("resources/unsubscribe", {"uri": "schema://shop"}).result == {}
        assert old.call("resources/subscribe", {"uri": "schema://nowhere"}).error["code"] == -32002
        assert old.call("resources/subscribe", {}).error["code"] == -32602
    assert client(server, site).call("resources/subscribe", {"uri": "schema://shop"}).status == 404


def test_many_that_leave(site):
    """One after the other: no process, no place and no file stays."""
    with servers.Nginx(site) as s:
        c = client(s, site, "leavers")
        files = sorted(os.listdir(site.root + "/state"))
        for _ in range(50):
            x = Listener(c, toolsListChanged=True)
            while x.status in (429, 503):
                x.close()
                servers.wait_until(lambda: listeners(site) < 3)
                x = Listener(c, toolsListChanged=True)
            assert x.status == 200 and x.acknowledged()
            x.close()
        all_gone(site, 15)
        assert sorted(os.listdir(site.root + "/state")) == files
        keeper = s.processes[0].pid
        children = "/proc/%d/task/%d/children" % (keeper, keeper)
        servers.wait_until(lambda: len(open(children).read().split()) == s.workers)
        assert c.call("tools/list").status == 200


@quick
def test_audit(server, site):
    c = client(server, site, "accounted")
    x = listen(c, toolsListChanged=True)
    begun = [a for a in site.audit() if a.get("method") == "subscriptions/listen"][-1]
    assert begun["event"] == "begin" and begun["events"] == 0, begun
    x.close()
    all_gone(site, 15)
    servers.wait_until(lambda: site.audit()[-1]["id"] == begun["id"] and site.audit()[-1]["event"] == "call")
    done = site.audit()[-1]
    assert done["events"] == 0 and done["ms"] >= 0 and done["status"] == 200 and "code" not in done, done


def test_the_official_client_hears_of_it(server, site, build):
    client(server, site, "npm")
    path = os.path.join(site.root, "tools.d", "from_npm")
    p = npm.run(build, "listen2.mjs", server.url, path, env={"PAT": KEYS[site, "npm"]})
    assert p.returncode == 0, p.stdout + p.stderr
    heard = json.loads(p.stdout.strip().split("\n")[-1])
    assert heard["before"] is False and heard["after"] is True, heard
    os.remove(path)


test_places.servers = (servers.Lighttpd, servers.Nginx)
test_the_official_client_hears_of_it.servers = (servers.Lighttpd, servers.ApacheFcgid, servers.Nginx)
