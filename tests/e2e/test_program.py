# SPDX-License-Identifier: ISC
"""The files that are built, the demo, "mcpctl serve", stdio and the workers."""
import json
import os
import re
import signal
import subprocess
import time

import servers
from client import Client
from servers import free_port

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def test_the_program_links_the_core_libraries_only(build):
    out = subprocess.run(["ldd", os.path.join(build, "mcp.fcgi")], capture_output=True, text=True, check=True).stdout
    found = set(re.findall(r"lib(\w+)", out))
    assert not found & {"curl", "pq", "mariadb", "crypto", "ssl", "odbc"}, out
    assert {"sodium", "sqlite3", "jansson", "config"} <= found, out


def test_the_programs_are_real_files(build):
    for name in ("mcp.fcgi", "mcpctl"):
        with open(os.path.join(build, name), "rb") as f:
            assert f.read(4) == b"\x7fELF", name


def test_demo_once(site):
    where = os.path.join(site.dir, "demo")
    for _ in range(2):
        p = subprocess.run([os.path.join(TOP, "bootstrap"), "demo", "--once", "--port", str(free_port()), "--dir", where], capture_output=True, text=True, timeout=300)
        assert p.returncode == 0, p.stdout + p.stderr
        answer = [x for x in p.stdout.splitlines() if x.startswith("{")][0]
        rows = json.loads(json.loads(answer)["result"]["content"][0]["text"])["results"][0]["rows"]
        assert len(rows) == 5 and rows[0][1] > 0, rows
        assert "curl -u" in p.stdout and "claude mcp add" in p.stdout, p.stdout


def test_demo_says_what_is_wrong():
    for words in (["--port", "x"], ["--bogus"], ["--dir"]):
        p = subprocess.run([os.path.join(TOP, "bootstrap"), "demo", "--once", *words], capture_output=True, text=True, timeout=60)
        assert p.returncode != 0 and p.stderr, words


def test_bootstrap_help():
    for words in (["--help"], ["-h"], ["help"], ["demo", "--help"], ["build", "--help"], ["check", "-h"], ["demo", "--port", "1", "--help"]):
        p = subprocess.run([os.path.join(TOP, "bootstrap"), *words], capture_output=True, text=True, timeout=60)
        assert p.returncode == 0 and "bootstrap demo" in p.stdout and not p.stderr, (words, p)
    for words in ([], ["bogus"], ["build", "x"], ["demo", "--bogus"]):
        p = subprocess.run([os.path.join(TOP, "bootstrap"), *words], capture_output=True, text=True, timeout=60)
        assert p.returncode == 2 and "bootstrap demo" in p.stderr and not p.stdout, (words, p)


def serve(site, *more):
    p = subprocess.Popen([site.program("mcpctl"), "serve", "--config", site.conf, "--port", str(free_port()), *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, cwd="/", **servers.as_user())
    line = p.stdout.readline()
    assert re.fullmatch(r"ready http://127\.0\.0\.1:\d+/mcp\n", line), line + (p.stderr.read() if p.poll() is not None else "")
    return p, line.split()[1]


def session_members(pid):
    out = subprocess.run(["ps", "-o", "pid=,stat=", "--sid", str(pid)], capture_output=True, text=True).stdout
    return [x for x in out.splitlines() if "Z" not in x]


def test_serve_answers_and_leaves_nothing(site):
    token = site.key("serve")
    for more in ([], ["--cgi"]):
        p, url = serve(site, *more)
        try:
            assert "execute_select" in Client(url, token).names(), more
        finally:
            p.send_signal(signal.SIGTERM)
        assert p.wait(20) == 0, p.stderr.read()
        end = time.monotonic() + 10
        while session_members(p.pid) and time.monotonic() < end:
            time.sleep(0.02)
        assert not session_members(p.pid)
        p.stdout.close()
        p.stderr.close()


def test_usage_and_exit_codes(site):
    for words, code in ((["bogus"], 2), (["key", "create"], 2), (["check", "--config", "/nonexistent/mcp.conf"], 3), (["key", "revoke", "nobody", "--config", site.conf], 1), (["key", "list", "--config", site.conf], 0), (["--config", site.conf, "key", "list", "--json"], 0)):
        p = site.ctl(*words, check=False)
        assert p.returncode == code, (words, p)
        assert p.returncode == 0 or p.stderr, words
        if "--json" in words:
            json.loads(p.stdout)


def test_a_key_that_expires(lighttpd, site):
    token = site.key("short", "--expires", "1s")
    c = Client(lighttpd.url, token)
    servers.wait_until(lambda: c.call("tools/list").status == 401, seconds=10)


def test_stdio(site):
    name = "stdio"
    token = site.key(name)
    lines = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "execute_select", "arguments": {"query": "SELECT 41 + 1", "defaultCatalog": "shop"}}},
    ]
    p = site.ctl("stdio", "--config", site.conf, "--key", name, text="".join(json.dumps(x) + "\n" for x in lines), env={"MCP_KEY": token})
    got = [json.loads(x) for x in p.stdout.splitlines()]
    assert [x["id"] for x in got] == [1, 2], got
    assert "42" in got[1]["result"]["content"][0]["text"], got
    site.own()


def test_killed_worker_is_replaced(site):
    """--workers keeps N alive: one killed, another answers."""
    token = site.key("workers")
    with servers.Nginx(site, workers=2) as s:
        c = Client(s.url, token)
        assert c.call("ping").status == 200
        parent = s.processes[0].pid

        def kids():
            return open("/proc/%d/task/%d/children" % (parent, parent)).read().split()

        servers.wait_until(lambda: len(kids()) == 2)
        before = kids()
        for k in before:
            os.kill(int(k), signal.SIGKILL)
        servers.wait_until(lambda: len(kids()) == 2 and not set(kids()) & set(before))
        assert c.call("ping").status == 200
        s.processes[0].send_signal(signal.SIGTERM)
        assert s.processes[0].wait(10) == 0


def test_no_token_in_any_file(site):
    tokens = [site.key("canary%d" % i) for i in range(3)]
    for path, _, files in os.walk(site.root):
        for f in files:
            with open(os.path.join(path, f), "rb") as x:
                data = x.read()
            for t in tokens:
                assert t.encode() not in data and t[18:61].encode() not in data, (path, f)
