#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Instructions and system calls of a request, counted, not timed.

    bench/guard.py [--build DIR] [--write] [--only WORD] [--keep]
                   [--expected FILE] [--found FILE]

Each workload of the benchmark is sent to a worker under callgrind and to one
under strace, few times and more times; the difference is what a request
costs.  The counts are compared with bench/expected; --write writes that file
anew.  Ends with 1 when something costs more, and with 77 where the tools or
the right to trace are missing.  --found compares counts that stand in a file,
instead of counting.
"""
import argparse
import concurrent.futures
import glob
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
EXPECTED = os.path.join(HERE, "expected")
SKIPPED = 77
MORE = 1.05  # what may be more before it is a regression
LESS = 0.85  # what is so much less is to be written down

CALL = '"method":"tools/call","params":{"name":"%s","arguments":{%s}}'
BODY = {
    "initialize": '"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"b","version":"1"}}',
    "list": '"method":"tools/list"',
    "row": CALL % ("get_order", '"id":777'),
    "rows": CALL % ("list_orders", '"after":777'),
    "group": CALL % ("sales_summary", ""),
}
FEW, MANY = 6, 46


def folder_with_data():
    """A new folder with bench.db, and with place for sites."""
    folder = tempfile.mkdtemp(prefix="mcp-guard-")
    with open(os.path.join(HERE, "data.sql"), encoding="utf-8") as f:
        subprocess.run(["sqlite3", os.path.join(folder, "bench.db")], stdin=f, check=True, stdout=subprocess.DEVNULL)
    return folder


class Site:
    """A folder with the benchmark's data, configuration and one key.  Each
    count has its own: a key that is used is written down, and a commit makes
    every other worker of the site read its keys anew."""

    def __init__(self, build, folder):
        self.dir = tempfile.mkdtemp(dir=folder)
        self.mcpctl = os.path.join(build, "mcpctl")
        self.program = os.path.join(build, "mcp.fcgi")
        self.conf = self.path("site/mcp.conf")
        self.worker = [self.program, self.conf]
        self.ctl("init", "--dir", self.path("site"))
        os.mkdir(self.path("site/data"))
        shutil.copy(os.path.join(folder, "bench.db"), self.path("site/data/bench.db"))
        shutil.copy(os.path.join(HERE, "mcp.conf.in"), self.conf)
        os.chmod(self.conf, 0o600)
        self.token = self.ctl("key", "create", "load", "--config", self.conf).strip()

    def path(self, name):
        return os.path.join(self.dir, name)

    def ctl(self, *words):
        return subprocess.run([self.mcpctl, *words], check=True, capture_output=True, text=True).stdout

    def params(self, body):
        return {
            "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_SOFTWARE": "lighttpd/1.4.69",
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8080", "SERVER_ADDR": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": "40000",
            "REQUEST_METHOD": "POST", "REQUEST_URI": "/mcp", "SCRIPT_NAME": "/mcp", "SCRIPT_FILENAME": self.path("www/mcp"), "DOCUMENT_ROOT": self.path("www"),
            "QUERY_STRING": "", "REDIRECT_STATUS": "200", "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": "127.0.0.1:8080", "HTTP_ACCEPT": "application/json, text/event-stream", "HTTP_MCP_PROTOCOL_VERSION": "2025-06-18",
            "HTTP_AUTHORIZATION": "Bearer " + self.token,
        }


def body_of(workload):
    return ('{"jsonrpc":"2.0","id":1,%s}' % BODY[workload]).encode()


def pair(name, value):
    def size(n):
        return bytes([n]) if n < 128 else struct.pack(">I", n | 1 << 31)

    return size(len(name)) + size(len(value)) + name + value


def record(kind, content):
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def ask(path, params, body):
    """One request on a connection of its own, as lighttpd makes it."""
    text = b"".join(pair(k.encode(), v.encode()) for k, v in params.items())
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.settimeout(60)
    s.connect(path)
    s.sendall(record(1, b"\0\1\0\0\0\0\0\0") + record(4, text) + record(4, b"") + record(5, body) + record(5, b""))
    answer = b""
    while part := s.recv(1 << 20):
        answer += part
    s.close()
    if b'"result"' not in answer or b'"isError":true' in answer:
        raise RuntimeError("a wrong answer: %r" % answer[:600])
    return answer


class Worker:
    """mcp.fcgi on a socket of its own, below a tracing program."""

    def __init__(self, site, tracer):
        self.socket = site.path("s%d" % time.monotonic_ns())
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(self.socket)
        listening.listen(64)
        self.p = subprocess.Popen([*tracer, *site.worker], stdin=listening, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, cwd=site.dir)
        listening.close()

    def close(self):
        """The keeper ends on SIGTERM, the tracer with it."""
        for pid in keepers(self.p.pid):
            os.kill(pid, signal.SIGTERM)
        try:
            self.p.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.p.pid, signal.SIGKILL)
            self.p.wait()


def keepers(tracer):
    """What strace started, or under valgrind the process itself."""
    with open("/proc/%d/task/%d/children" % (tracer, tracer), encoding="ascii") as f:
        below = [int(x) for x in f.read().split()]
    with open("/proc/%d/comm" % tracer, encoding="ascii") as f:
        return below if f.read().strip() == "strace" else [tracer]


def run(site, tracer, workload, times):
    w = Worker(site, tracer)
    try:
        for _ in range(times):
            ask(w.socket, site.params(body_of(workload)), body_of(workload))
    finally:
        w.close()


def run_cgi(site, tracer, workload):
    body = body_of(workload)
    env = dict(site.params(body), MCP_CONFIG=site.conf, PATH="/usr/bin:/bin")
    p = subprocess.run([*tracer, site.program], env=env, input=body, capture_output=True, check=False)
    if b'"result"' not in p.stdout:
        raise RuntimeError("a wrong answer: %r %r" % (p.stdout[:600], p.stderr[:300]))


def fresh(site, name):
    return site.path("%s%d" % (name, time.monotonic_ns()))


def instructions(site, go):
    out = fresh(site, "callgrind.out")
    go(["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out + ".%p"])
    total = 0
    for name in glob.glob(out + ".*"):
        with open(name, encoding="utf-8", errors="replace") as f:
            total += sum(int(x) for x in re.findall(r"^(?:summary|totals): (\d+)", f.read(), re.M)[-1:])
    return total


def calls(site, go):
    """All but what waits for a client that is slower than the worker: a read
    that finds nothing, and the poll behind it."""
    out = fresh(site, "strace.out")
    go(["strace", "-f", "-qq", "-e", "signal=none", "-o", out])
    n, waits = 0, set()
    with open(out, encoding="utf-8", errors="replace") as f:
        for line in f:
            pid, _, call = line.partition(" ")
            if "resumed>" in line:
                continue
            if "EAGAIN" in line:
                waits.add(pid)
            elif not (pid in waits and call.lstrip().startswith("poll(")):
                n += 1
                waits.discard(pid)
    return n


def cost(site, count, workload):
    """What one request costs, the start of the worker not counted in; a
    statement that takes so long that the start is nothing is run once.  One
    process goes before: the first of a site has more to write down."""
    if workload == "cgi":
        run_cgi(site, [], "row")
        return count(site, lambda t: run_cgi(site, t, "row"))
    run(site, [], workload, FEW)
    if workload == "group":
        return count(site, lambda t: run(site, t, workload, 1))
    few = count(site, lambda t: run(site, t, workload, FEW))
    many = count(site, lambda t: run(site, t, workload, MANY))
    return (many - few) / (MANY - FEW)


def measure(build, only=None, keep=False):
    """{name: (instructions, system calls)}"""
    folder = folder_with_data()

    def one(workload, count):
        return cost(Site(build, folder), count, workload)

    names = [w for w in [*BODY, "cgi"] if only in (None, w)]
    try:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            jobs = {w: [pool.submit(one, w, count) for count in (instructions, calls)] for w in sorted(names, key=lambda w: w != "group")}
            return {w: tuple(j.result() for j in jobs[w]) for w in names}
    finally:
        if keep:
            print(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def why_not(program):
    """What is missing here, or nothing."""
    for name in ("valgrind", "strace", "sqlite3"):
        if not shutil.which(name):
            return name + " is missing"
    if subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode != 0:
        return "tracing is not allowed here"
    with open(program, "rb") as f:
        if b"__asan_init" in f.read():
            return "the build has sanitizers"
    return ""


def read_counts(path):
    with open(path, encoding="ascii") as f:
        rows = [line.split() for line in f if line.strip() and not line.startswith("#")]
    return {r[0]: (float(r[1]), float(r[2])) for r in rows}


def write_counts(path, found):
    with open(path, "w", encoding="ascii") as f:
        f.write("# A request of each workload, warm: instructions of the worker, system calls.\n# cgi: one row by a process of its own.  Written by bench/guard.py --write.\n")
        for name, (ins, sys_calls) in found.items():
            f.write("%-12s %12.0f %8.1f\n" % (name, ins, sys_calls))


def judge(found, expected):
    bad = 0
    print("%-12s %14s %14s %10s %10s" % ("workload", "instructions", "expected", "calls", "expected"))
    for name, (ins, sys_calls) in found.items():
        want = expected.get(name, (0, 0))
        word = ""
        if ins > want[0] * MORE:
            word += " MORE INSTRUCTIONS"
        if sys_calls > want[1] * MORE + 1:
            word += " MORE SYSTEM CALLS"
        bad += word != ""
        if not word and (ins < want[0] * LESS or sys_calls < want[1] * LESS - 1):
            word = " less: write it down with --write"
        print("%-12s %14.0f %14.0f %10.1f %10.1f%s" % (name, ins, want[0], sys_calls, want[1], word))
    return bad


def count_all(o):
    """The counts of this build; ends the program where that cannot be done."""
    reason = why_not(os.path.join(o.build, "mcp.fcgi"))
    if reason:
        print("guard: skipped: " + reason)
        sys.exit(SKIPPED)
    return measure(os.path.abspath(o.build), o.only, o.keep)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--build", default=os.path.join(HERE, "..", "build"))
    p.add_argument("--write", action="store_true")
    p.add_argument("--only")
    p.add_argument("--keep", action="store_true", help="leave the folder, and say where")
    p.add_argument("--expected", default=EXPECTED)
    p.add_argument("--found")
    o = p.parse_args()
    found = read_counts(o.found) if o.found else count_all(o)
    if o.write:
        write_counts(o.expected, found)
    sys.exit(1 if judge(found, read_counts(o.expected)) else 0)


if __name__ == "__main__":
    main()
