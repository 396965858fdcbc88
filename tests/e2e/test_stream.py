# SPDX-License-Identifier: ISC
"""Long statements: progress as it happens, a client that leaves, a server that
is told to stop."""
import http.client
import json
import signal
import threading
import time
from urllib.parse import urlsplit

import servers
from client import MODERN, Client

# Two to four seconds of counting on a slow machine, and more than a minute.
SOME = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000000) SELECT count(*) FROM n"
LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
STREAMING = (servers.Lighttpd, servers.LighttpdCgi, servers.ApacheFcgid, servers.ApacheProxy, servers.ApacheHtaccess, servers.Nginx)
KEYS = {}


def client(server, site, era):
    if site not in KEYS:
        KEYS[site] = site.key("streams")
    return Client(server.url, KEYS[site], era)


def begin(c, sql, token=True, **more):
    """Send a call with a progress token; the open answer."""
    m = c.message("tools/call", {"name": "execute_select", "arguments": {"query": sql, "defaultCatalog": "shop", **more}}, meta={"progressToken": "p1"} if token else None)
    u = urlsplit(c.url)
    h = http.client.HTTPConnection(u.hostname, u.port, timeout=60)
    h.request("POST", u.path, json.dumps(m), c.headers("tools/call", m["params"]))
    return h


def events(answer):
    while True:
        line = answer.readline()
        if not line:
            return
        if line.startswith(b"data:") and line.strip() != b"data:":
            yield json.loads(line[5:])


def test_progress_comes_while_it_runs(server, site):
    for era in ("2025-06-18", MODERN):
        c = client(server, site, era)
        h = begin(c, LONG, timeout=3)
        answer = h.getresponse()
        assert answer.status == 200 and answer.getheader("content-type").startswith("text/event-stream"), answer.getheaders()
        at, seen = [], []
        for e in events(answer):
            at.append(time.monotonic())
            seen.append(e)
        h.close()
        told = [e["params"] for e in seen[:-1]]
        assert told and all(p["progressToken"] == "p1" for p in told), seen
        assert [p["progress"] for p in told] == sorted({p["progress"] for p in told}), told
        assert at[-1] - at[0] > 0.5, "the first event must not wait for the last"
        assert seen[-1]["result"]["isError"] is True and "TIMEOUT" in seen[-1]["result"]["content"][0]["text"], seen[-1]


test_progress_comes_while_it_runs.servers = STREAMING


def test_a_client_that_leaves_stops_the_statement(site):
    """Modern era: closing the connection is the cancellation."""
    with servers.Nginx(site, workers=1) as s:
        c = client(s, site, MODERN)
        h = begin(c, LONG, timeout=300)
        answer = h.getresponse()
        next(events(answer))
        h.sock.shutdown(2)
        h.close()
        # The one worker is free again long before the statement's time.
        start = time.monotonic()
        assert Client(s.url, KEYS[site]).call("ping").status == 200
        assert time.monotonic() - start < 30


def ends(site):
    return [x for x in site.audit() if x["event"] != "begin" and x.get("tool") == "execute_select"]


def test_a_client_that_asked_for_no_progress_is_missed_too(site):
    """lighttpd and Apache see it by writing alone, and after a while there is
    something to write."""
    for kind in (servers.Lighttpd, servers.ApacheFcgid):
        with kind(site) as server:
            c = client(server, site, MODERN)
            assert c.select("SELECT 1").status == 200
            before = len(ends(site))
            h = begin(c, LONG, token=False, timeout=30)
            servers.wait_until(lambda: site.audit()[-1:] and site.audit()[-1]["event"] == "begin")
            h.close()
            servers.wait_until(lambda: len(ends(site)) > before)
            last = ends(site)[-1]
            assert last["code"] == "CANCELLED" and last["ms"] < 20000, last


def test_sigterm_lets_the_request_finish(site):
    with servers.Nginx(site, workers=1) as s:
        c = client(s, site, "2025-06-18")
        got = {}

        def ask():
            got["answer"] = c.select(SOME, timeout=60)

        t = threading.Thread(target=ask)
        t.start()
        servers.wait_until(lambda: any(x.get("event") == "begin" and "12000000" in x.get("sql", "") for x in site.audit()))
        s.processes[0].send_signal(signal.SIGTERM)
        t.join()
        assert s.processes[0].wait(20) == 0
        assert got["answer"].result["structuredContent"]["results"][0]["rows"] == [[12000000]], got
