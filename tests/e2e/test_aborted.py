# SPDX-License-Identifier: ISC
"""Two hundred clients that hang up, one after the other: no process, no file
and no lock is left behind."""
import json
import os
import socket
import time
from urllib.parse import urlsplit

import servers
from client import MODERN, Client
from mcpsite import CONF as USUAL

MARK = "87654"
CONF = USUAL.replace('base_url', 'streams  = true;\nbase_url', 1)
LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
TOOLS = {
    "stays.sh": "#!/bin/sh\n# about: Stays\n# readOnly: yes\n# timeout: 100s\necho '{\"progress\":1}'\nsleep %s\n" % MARK,
    "asks.sh": "#!/bin/sh\n# about: Asks\n# readOnly: yes\n# timeout: 100s\nif grep -q '\"input\"'; then echo done; else\necho '{\"ask\":{\"k\":{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"form\",\"message\":\"?\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}}}}}'\nfi\n",
}
KEYS = {}


def prepare(site):
    os.mkdir(os.path.join(site.root, "tools.d"), 0o755)
    for name, text in TOOLS.items():
        with open(os.path.join(site.root, "tools.d", name), "w") as f:
            f.write(text)
        os.chmod(f.name, 0o755)
    KEYS[site] = site.key("aborted")


def hang_up(c, params, session=None, until=None, meta=None):
    """Send a call; wait until these bytes have come, or for nothing; leave."""
    m = c.message("tools/call", params, meta=meta)
    body = json.dumps(m).encode()
    head = c.headers("tools/call", params)
    if session:
        head["Mcp-Session-Id"] = session
    u = urlsplit(c.url)
    lines = ["POST %s HTTP/1.1" % u.path, "Host: " + u.netloc, "Content-Length: %d" % len(body)] + ["%s: %s" % h for h in head.items()]
    with socket.create_connection((u.hostname, u.port), timeout=60) as s:
        s.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        got = b""
        while until and until not in got:
            piece = s.recv(65536)
            assert piece, got
            got += piece


def left():
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                if MARK.encode() in f.read():
                    found.append(pid)
        except OSError:
            pass
    return found


def files(site):
    return sorted(os.path.join(p, f) for p, _, names in os.walk(site.state("")) for f in names if not f.endswith(("-wal", "-shm")))


def many(server, site, n):
    modern, old = Client(server.url, KEYS[site], MODERN), Client(server.url, KEYS[site], "2025-11-25")
    hello = old.call("initialize", {"protocolVersion": "2025-11-25", "capabilities": {"elicitation": {}}, "clientInfo": {"name": "c", "version": "1"}})
    session = hello.headers["mcp-session-id"]
    assert modern.select("SELECT 1").status == 200
    before = files(site)
    progress = {"progressToken": 1}
    slow = (
        lambda: hang_up(modern, {"name": "stays"}, until=b'progress"', meta=progress),
        lambda: hang_up(modern, {"name": "execute_select", "arguments": {"query": LONG, "defaultCatalog": "shop"}}, until=b'progress"', meta=progress),
        lambda: hang_up(old, {"name": "asks"}, session, until=b"elicitation/create"),
    )
    quick = (
        lambda: hang_up(modern, {"name": "stays"}, meta=progress),
        lambda: hang_up(modern, {"name": "get_catalogs"}),
    )
    for i in range(n):
        (slow[i // 10 % 3] if i % 10 == 0 else quick[i % 2])()
    end = time.monotonic() + 30
    while time.monotonic() < end and (left() or files(site) != before):
        time.sleep(0.1)
    assert left() == [], left()
    assert files(site) == before, files(site)
    # No lock either: every worker and every place of the token is free again.
    for _ in range(10):
        assert modern.select("SELECT 1").result["structuredContent"]["results"][0]["rows"] == [[1]]
    assert server.alive()


def test_two_hundred(site):
    """Many workers: each needs about a second to see that a client left."""
    with servers.Lighttpd(site, workers=16) as server:
        many(server, site, 200)


def test_some(site):
    for kind in (servers.ApacheFcgid, servers.Nginx):
        with kind(site, workers=6) as server:
            many(server, site, 20)
