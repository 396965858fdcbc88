# SPDX-License-Identifier: ISC
"""mcp.fcgi as a CGI program, started as a web server starts it and as none
would."""
import json
import os
import pwd
import socket
import subprocess
import time

from mcpsite import CONF as BASE
from servers import USER, as_user

CONF = BASE.replace('auth_fails = "100000/min";', 'auth_fails = "100000/min"; body_time = 1;')
PING = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'


def variables(**more):
    return dict({"REQUEST_METHOD": "POST", "REQUEST_URI": "/mcp", "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(PING)), "REMOTE_ADDR": "127.0.0.1"}, **more)


def start(argv, env, cwd="/", **more):
    return subprocess.Popen(argv, env=env, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **dict(as_user(), **more))


def run(argv, env, body=PING, cwd="/"):
    p = start(argv, env, cwd)
    out, err = p.communicate(body, timeout=30)
    return p.returncode, out, err.decode()


def ok(answer):
    code, out, err = answer
    assert code == 0 and out.startswith(b"Status: 200 OK\r\n") and err == "", answer
    assert json.loads(out.split(b"\r\n\r\n")[1])["result"] == {}


def test_found_by_argument_and_by_environment(site):
    program = site.program("mcp.fcgi")
    ok(run([program, site.conf], variables()))
    ok(run([program], variables(MCP_CONFIG=site.conf)))
    ok(run([program, site.conf], variables(MCP_CONFIG="/nowhere")))


def test_never_found_by_a_header(site):
    code, out, err = run([site.program("mcp.fcgi")], variables(HTTP_MCP_CONFIG=site.conf))
    assert code == 0 and out.startswith(b"Status: 500 "), out
    assert site.dir.encode() not in out


def test_two_line_program(site):
    """The kernel runs it; suEXEC leaves nothing of the environment."""
    www = os.path.join(site.dir, "www")
    os.makedirs(www, exist_ok=True)
    path = os.path.join(www, "mcp")
    with open(path, "w") as f:
        f.write('#!%s\n@include "%s"\n' % (site.program("mcp.fcgi"), site.conf))
    os.chmod(path, 0o755)
    if os.getuid() == 0:
        u = pwd.getpwnam(USER)
        os.chown(www, u.pw_uid, u.pw_gid)
        os.chown(path, u.pw_uid, u.pw_gid)
    ok(run([path], variables(DOCUMENT_ROOT=www)))
    ok(run(["./mcp"], variables(), cwd=www))


def test_files_below_the_document_root(site):
    code, out, err = run([site.program("mcp.fcgi"), site.conf], variables(DOCUMENT_ROOT=site.root))
    assert b"Status: 500 " in out and site.dir.encode() not in out, out
    assert "document root" in err and site.root in err, err
    code, out, err = run([site.program("mcp.fcgi"), site.conf], variables(DOCUMENT_ROOT=site.state("")))
    assert b"Status: 503 " in out and site.dir.encode() not in out, out
    assert "document root" in err and site.state("")[:-1] in err, err


def test_home_is_not_needed(site):
    if os.getuid() != 0:
        return
    env = {k: v for k, v in variables().items()}
    code, out, err = run([site.program("mcp.fcgi")], env)
    assert code == 0 and b"Status: 500 " in out and "MCP_CONFIG" in err, (out, err)


def test_without_a_web_server(site):
    for argv in ([], [site.conf], ["--workers", "2"]):
        code, out, err = run([site.program("mcp.fcgi"), *argv], {})
        assert code == 2 and out == b"" and "usage: mcp.fcgi" in err, (argv, err)
    for word in ("--bogus", "-x"):
        assert run([site.program("mcp.fcgi"), word], variables())[0] == 2
    for words in (["--workers"], ["--workers", "0"], ["--workers", "257"], ["--workers", "x"], ["a", "b"]):
        assert run([site.program("mcp.fcgi"), *words], variables())[0] == 2, words
    for word in ("-h", "--help"):
        code, out, err = run([site.program("mcp.fcgi"), word], {})
        assert code == 0 and out.startswith(b"usage: mcp.fcgi"), out
    assert run([site.program("mcp.fcgi"), "--version"], {})[1].startswith(b"mcp-fcgi ")


def test_H6_lengths(site):
    argv = [site.program("mcp.fcgi"), site.conf]
    ok(run(argv, variables(), PING + b"and more"))
    none = variables()
    del none["CONTENT_LENGTH"]
    ok(run(argv, none))
    ok(run(argv, variables(CONTENT_LENGTH="")))
    ok(run(argv, variables(CONTENT_LENGTH="-1")))
    for length, status in (("99", 400), ("x", 400), ("-2", 400), ("+5", 400), ("99999999999", 400), ("9999999999", 413)):
        out = run(argv, variables(CONTENT_LENGTH=length))[1]
        assert out.startswith(b"Status: %d " % status), (length, out)


def test_H7_a_body_that_does_not_come(site):
    p = start([site.program("mcp.fcgi"), site.conf], variables())
    begun = time.monotonic()
    out = p.stdout.read()
    assert out.startswith(b"Status: 408 ") and time.monotonic() - begun < 5, out
    p.stdin.close()
    p.wait(10)


def test_H7_nobody_reads_the_answer(site):
    """A closed pipe ends it quietly."""
    token = site.key("cgi")
    for body in (PING, b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}'):
        p = start([site.program("mcp.fcgi"), site.conf], variables(CONTENT_LENGTH=str(len(body)), HTTP_AUTHORIZATION="Bearer " + token))
        p.stdout.close()
        p.stdin.write(body)
        p.stdin.close()
        assert p.wait(10) == 0 and p.stderr.read() == b""


def test_a_large_answer_to_a_slow_reader(site):
    token = site.key("large")
    sql = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x < 1000) SELECT x, 'a longer text for each of the rows, a longer text for each of the rows' FROM c"
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "execute_select", "arguments": {"query": sql, "defaultCatalog": "log"}}}).encode()
    p = start([site.program("mcp.fcgi"), site.conf], variables(CONTENT_LENGTH=str(len(body)), HTTP_AUTHORIZATION="Bearer " + token))
    p.stdin.write(body)
    p.stdin.close()
    out = b""
    while True:
        piece = p.stdout.read1(1000)
        if not piece:
            break
        out += piece
    assert p.wait(10) == 0
    head, _, text = out.partition(b"\r\n\r\n")
    assert b"Content-Length: %d" % len(text) in head and len(text) > 65536, head
    assert "result" in json.loads(text)


def test_proxies_and_strays(site):
    """H3: a Proxy: header changes nothing; a closed descriptor is refilled."""
    ok(run([site.program("mcp.fcgi"), site.conf], variables(HTTP_PROXY="http://evil", http_proxy="http://evil")))
    a, b = socket.socketpair()
    p = start([site.program("mcp.fcgi"), site.conf], variables(), pass_fds=[a.fileno()])
    out, err = p.communicate(PING, timeout=30)
    assert p.returncode == 0 and out.startswith(b"Status: 200 "), err
    a.close()
    b.close()
