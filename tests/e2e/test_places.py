# SPDX-License-Identifier: ISC
"""limits.sources_in_flight: of the statements of one token as many run as may,
the next is BUSY at once, and a worker that is killed takes no place along."""
import json
import os
import signal
import threading
import time

from fastcgi import STDIN, Program, begin, params, record
from mcpsite import CONF as BASE
from servers import wait_until

CONF = BASE.replace("burst = 10000;", "burst = 10000; sources_in_flight = 3;")
LONG = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT count(*) FROM c"
BRIEF = "SELECT 1"
AT_ONCE = 3


def call(token, sql, seconds=60):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "execute_select", "arguments": {
        "query": sql, "defaultCatalog": "log", "timeout": seconds}}}).encode()
    return begin() + params(("HTTP_AUTHORIZATION", "Bearer " + token), ("HTTP_MCP_PROTOCOL_VERSION", "2025-06-18"), length=len(body)) + record(STDIN, body) + record(STDIN)


def begun(site):
    return sum(x["event"] == "begin" and x.get("sql", "") == LONG for x in site.audit())


def result(p, s):
    r = json.loads(p.read(s).body)["result"]
    return r.get("isError", False), r["content"][0]["text"]


def occupy(site, p, token, n):
    """n statements that run; their connections."""
    assert not now(p, site.key("first"))[0]  # the audit is there
    before, out = begun(site), []
    for _ in range(n):
        s = p.open()
        s.sendall(call(token, LONG))
        out.append(s)
    wait_until(lambda: begun(site) == before + n)
    return out


def now(p, token):
    s = p.open()
    s.sendall(call(token, BRIEF))
    return result(p, s)


def running(p):
    """Workers that burn time, by what the system says of them."""
    out = []
    for pid in p.children():
        with open("/proc/%d/stat" % pid) as f:
            if f.read().rsplit(")", 1)[1].split()[0] == "R":
                out.append(pid)
    return out


def test_no_more_than_may_run_and_none_is_lost(site):
    token, other = site.key("many"), site.key("other")
    with Program(site, "--workers", "6", site.conf) as p:
        open_ = occupy(site, p, token, AT_ONCE)
        start = time.monotonic()
        error, text = now(p, token)
        assert error and text.startswith("BUSY: ") and "as it may (3)" in text, text
        assert time.monotonic() - start < 10, "it is told at once"
        assert not now(p, other)[0], "another token has places of its own"
        # One of the three is killed, and its place is there for one more.
        wait_until(lambda: len(running(p)) == AT_ONCE)
        os.kill(running(p)[0], signal.SIGKILL)
        wait_until(lambda: not now(p, token)[0])
        open_ += occupy(site, p, token, 1)
        assert now(p, token)[1].startswith("BUSY: ")
        for pid in running(p):
            os.kill(pid, signal.SIGKILL)
        for s in open_:
            s.close()


def test_all_at_once(site):
    """Two seconds each: those that run are as many as may, whoever comes
    first."""
    token, got = site.key("crowd"), []
    with Program(site, "--workers", "8", site.conf) as p:
        def ask():
            s = p.open()
            s.sendall(call(token, LONG, 4))
            got.append(result(p, s)[1].split(":")[0])

        crowd = [threading.Thread(target=ask) for _ in range(8)]
        for t in crowd:
            t.start()
        for t in crowd:
            t.join()
        assert sorted(got) == ["BUSY"] * 5 + ["TIMEOUT"] * AT_ONCE, got
        assert not now(p, token)[0]
