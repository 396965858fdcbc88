# SPDX-License-Identifier: ISC
"""H6, H7 and H11 on the FastCGI socket itself, and the life of a worker."""
import json
import os
import random
import signal
import socket
import sqlite3
import threading
import time

from fastcgi import ABORT, BEGIN, END, GET_VALUES, GET_VALUES_RESULT, PARAMS, STDIN, STDOUT, Program, begin, pairs, params, record
from mcpsite import CONF as BASE
from servers import wait_until

CONF = BASE.replace('auth_fails = "100000/min";', 'auth_fails = "100000/min"; body_time = 1; body = 100000;')
PING = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'


def ok(reply):
    assert reply.status == 200 and reply.ended and json.loads(reply.body)["result"] == {}, (reply.status, reply.out)


def test_one_write_and_the_end_records(site):
    with Program(site, site.conf) as p:
        r = p.ping()
        ok(r)
        assert r.records == [STDOUT, STDOUT, END], r.records


def test_H6_body_lengths(site):
    with Program(site, "--workers", "2", site.conf) as p:
        def post(length, *pieces):
            return p.send(begin() + params(length=length) + b"".join(record(STDIN, x) for x in pieces) + record(STDIN))
        ok(post(None, PING))
        ok(post("-1", PING))
        ok(post("", PING[:10], PING[10:]))
        ok(post(len(PING), PING + b"extra"))
        assert post(len(PING) + 1, PING).status == 400
        for wrong in ("x", "+1", "12345678901", "0x10", "1 1"):
            assert post(wrong, PING).status == 400, wrong
        assert post(100001, b"x" * 60000, b"x" * 40001).status == 413
        assert post(None, b"x" * 60000, b"x" * 60000).status == 413
        # 99,999 and 100,000 bytes are read, and are no JSON.
        assert post(None, b"x" * 60000, b"x" * 39999).status == 400
        assert post(None, b"x" * 60000, b"x" * 40000).status == 400
        ok(p.ping())


def test_H7_a_slow_body_is_given_up_and_holds_nobody_else(site):
    with Program(site, "--workers", "2", site.conf) as p:
        s = p.open()
        s.sendall(begin() + params(length=len(PING)) + record(STDIN, PING[:5]))
        for _ in range(20):
            ok(p.ping())
        begun = time.monotonic()
        r = p.read(s)
        assert r.status == 408 and time.monotonic() - begun < 5, r.out
        # Inside a record, too: its header promised more.
        s = p.open()
        s.sendall(begin() + params(length=len(PING)) + record(STDIN, PING[:5], length=len(PING)))
        assert p.read(s).status == 408
        ok(p.ping())


def test_H7_dripping_does_not_buy_time(site):
    with Program(site, site.conf) as p:
        s = p.open()
        s.sendall(begin() + params(length=1000))
        stop = threading.Event()

        def drip():
            try:
                while not stop.wait(0.2):
                    s.sendall(record(STDIN, b" "))
            except OSError:
                pass
        t = threading.Thread(target=drip)
        t.start()
        begun = time.monotonic()
        data = s.recv(65536)
        took = time.monotonic() - begun
        stop.set()
        t.join()
        s.close()
        assert b"Status: 408" in data and took < 4, (took, data)
        ok(p.ping())


def test_H7_the_client_goes_while_we_answer(site):
    with Program(site, site.conf) as p:
        for _ in range(50):
            s = p.open()
            s.sendall(begin() + params(length=len(PING)) + record(STDIN, PING) + record(STDIN))
            s.close()
        ok(p.ping())
        assert len(p.children()) == 1


def test_H11_params_over_their_bound(site):
    with Program(site, site.conf) as p:
        r = p.send(begin() + params(("HTTP_X_PAD", "x" * 70000), length=len(PING)) + record(STDIN, PING) + record(STDIN))
        assert r.status == 431, r.out
        ok(p.ping())


def test_H11_lengths_that_lie(site):
    with Program(site, site.conf) as p:
        for lie in (b"\xff\xff\xff\xff\xff\xff\xff\xff", b"\x80\x00\xff\xff\x05abc", b"\x7f\x7fshort", b"\x05"):
            p.send(begin() + record(PARAMS, lie) + record(PARAMS) + record(STDIN))
            ok(p.ping())


def test_H11_other_roles_and_records(site):
    with Program(site, site.conf) as p:
        for role in (0, 2, 3, 9):
            s = p.open()
            s.settimeout(1)
            s.sendall(begin(role=role) + params(length=0) + record(STDIN))
            try:
                while s.recv(4096):
                    pass
            except (socket.timeout, ConnectionResetError):
                pass
            s.close()
        ok(p.ping())
        for junk in (record(42, b"x"), record(BEGIN, b"short"), record(ABORT), record(STDIN, PING), record(PARAMS, version=7), b"GET / HTTP/1.1\r\n\r\n"):
            s = p.open()
            s.sendall(junk)
            s.shutdown(socket.SHUT_WR)
            p.read(s)
            ok(p.ping())


def test_H11_management_records(site):
    with Program(site, site.conf) as p:
        s = p.open()
        s.sendall(record(GET_VALUES, pairs([("FCGI_MPXS_CONNS", "")]), request=0))
        s.shutdown(socket.SHUT_WR)
        assert p.read(s).records in ([GET_VALUES_RESULT], [])
        ok(p.ping())


def test_H11_noise(site):
    rng = random.Random(7)
    with Program(site, "--workers", "2", site.conf) as p:
        good = begin() + params(length=len(PING)) + record(STDIN, PING) + record(STDIN)
        for _ in range(300):
            bad = bytearray(good)
            for _ in range(rng.randrange(1, 6)):
                bad[rng.randrange(len(bad))] = rng.randrange(256)
            s = p.open()
            try:
                s.sendall(bytes(bad[:rng.randrange(1, len(bad) + 1)]))
                s.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            p.read(s)
        ok(p.ping())
        assert "killed" not in p.stderr(), p.stderr()


def test_a_kept_connection_is_closed(site):
    with Program(site, site.conf) as p:
        r = p.send(begin(flags=1) + params(length=len(PING)) + record(STDIN, PING) + record(STDIN))
        ok(r)


def test_the_request_names_the_configuration(site):
    with Program(site, env={"MCP_CONFIG": ""}) as p:
        ok(p.post(PING, ("MCP_CONFIG", site.conf)))
        ok(p.post(PING))
        other = p.post(PING, ("MCP_CONFIG", site.conf + ".other"))
        assert other.status == 500 and site.dir.encode() not in other.out, other.out
        assert "another MCP_CONFIG" in p.stderr()
        ok(p.post(PING, ("MCP_CONFIG", site.conf)))


def test_a_broken_configuration_at_the_start_is_told_and_mended(site):
    site.configure("sorces = {};\n")
    with Program(site, site.conf) as p:
        r = p.ping()
        assert r.status == 500 and json.loads(r.body)["error"]["code"] == -32603, r.out
        assert site.dir.encode() not in r.out
        assert 'did you mean "sources"' in p.stderr()
        said = len(p.stderr())
        for _ in range(5):
            assert p.ping().status == 500
        assert len(p.stderr()) == said
        site.configure(CONF)
        ok(p.ping())


def test_files_below_the_document_root(site):
    with Program(site, site.conf) as p:
        for root in (site.root, site.dir):
            r = p.post(PING, ("DOCUMENT_ROOT", root))
            assert r.status == 503 and site.dir.encode() not in r.out, r.out
        assert "document root" in p.stderr()
        ok(p.post(PING, ("DOCUMENT_ROOT", "/var/www/html")))


def test_every_attempt_leaves_its_line(site):
    with Program(site, site.conf) as p:
        ok(p.ping())
        for more, status, event, code in (
                ([("HTTP_ORIGIN", "http://evil.example")], 403, "denied", "FORBIDDEN"),
                ([("HTTP_AUTHORIZATION", "Bearer x")], 401, "auth_fail", "UNAUTHORIZED"),
                ([("HTTP_CONTENT_ENCODING", "gzip")], 415, "error", "UNSUPPORTED_MEDIA"),
                ([], 200, "call", None)):
            before = len(site.audit())
            assert p.post(PING, *more).status == status
            lines = site.audit()[before:]
            assert len(lines) == 1, lines
            line = lines[0]
            assert (line["event"], line["status"], line.get("code"), line["ip"]) == (event, status, code, "127.0.0.1"), line


def busy(site, seconds):
    """A call that runs until its own timeout."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "execute_select", "arguments": {
        "query": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT count(*) FROM c", "defaultCatalog": "log", "timeout": seconds}}}).encode()
    return begin() + params(("HTTP_AUTHORIZATION", "Bearer " + site.key("busy")), length=len(body)) + record(STDIN, body) + record(STDIN)


def test_asked_to_leave_it_finishes_the_request(site):
    call = busy(site, 1)
    for sig in (signal.SIGTERM, signal.SIGUSR1):
        p = Program(site, site.conf)
        with p:
            s = p.open()
            s.sendall(call)
            before = len(site.audit())
            wait_until(lambda: len(site.audit()) > before)
            p.p.send_signal(sig)
            r = p.read(s)
            assert r.status == 200 and b"TIMEOUT" in r.out and r.ended, r.out
            assert p.p.wait(10) == 0


def test_replaced_workers_lose_no_request(site):
    with Program(site, "--workers", "2", site.conf) as p:
        old = set(p.children())
        p.p.send_signal(signal.SIGHUP)
        for _ in range(200):
            ok(p.ping())
        wait_until(lambda: len(p.children()) == 2 and not old & set(p.children()))


def test_a_worker_leaves_after_its_share(site):
    site.configure(CONF.replace("body_time = 1;", "body_time = 1; requests = 20;"))
    try:
        with Program(site, site.conf) as p:
            first = p.children()
            for _ in range(100):
                ok(p.ping())
            assert first and p.children() != first
            assert "ended" not in p.stderr() and "killed" not in p.stderr()
    finally:
        site.configure(CONF)


def test_the_sandbox_follows_a_new_configuration(site):
    away = os.path.join(site.root, "elsewhere")
    os.mkdir(away)
    db = sqlite3.connect(os.path.join(away, "new.db"))
    db.executescript("CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (7);")
    db.close()
    site.own()
    token = site.key("sandbox")
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "execute_select", "arguments": {"query": "SELECT x FROM t", "defaultCatalog": "fresh"}}}).encode()
    more = CONF.replace("sources  = {", 'sources  = {\n    fresh = { driver = "sqlite"; path = "elsewhere/new.db"; };')
    assert more != CONF
    try:
        with Program(site, "--workers", "2", site.conf) as p:
            ok(p.ping())
            site.configure(more)

            def there():
                r = p.post(body, ("HTTP_AUTHORIZATION", "Bearer " + token))
                assert r.status == 200, r.out
                return b"[[7]]" in r.body
            wait_until(there)
            for _ in range(20):
                assert there()
    finally:
        site.configure(CONF)
