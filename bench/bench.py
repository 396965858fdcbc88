#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Measure mcp.fcgi beside bare responders behind the same lighttpd.

    bench/bench.py [--build DIR] [--short] [--rounds N] [--seconds S]
                   [--static FILE|none] [--json FILE]

Every cell is run in interleaved rounds; ratios are taken inside a round and
the median of the rounds is printed, with each goal met or not met.  The whole
takes about eight minutes, --short two.  Ends with 0 whatever was met.
"""
import argparse
import http.client
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WORKLOADS = ("initialize", "list", "row", "rows", "group")
TICK = os.sysconf("SC_CLK_TCK")
sys.path[:0] = [HERE, os.path.join(HERE, "..", "tests", "e2e")]
from servers import free_port  # noqa: E402
import growth  # noqa: E402
import guard  # noqa: E402

BODY = guard.BODY


def static_program(build):
    """The static build in a folder of its own, as the tests make it; None and
    the reason where it cannot be made."""
    to = os.path.join(build, "static")
    os.makedirs(to, exist_ok=True)
    if not os.path.exists(os.path.join(to, "Makefile")):
        p = subprocess.run([os.path.join(HERE, "..", "configure"), "--enable-static-handler"], cwd=to, capture_output=True, text=True, check=False)
        if p.returncode != 0:
            return None, "configure fails"
    p = subprocess.run(["make", "-j2", "mcp.fcgi"], cwd=to, capture_output=True, text=True, check=False)
    return (os.path.join(to, "mcp.fcgi"), "") if p.returncode == 0 else (None, "make fails")


class Bench:
    """The folder of one run: programs, site, data, token."""

    def __init__(self, build, static):
        self.dir = tempfile.mkdtemp(prefix="mcp-bench-")
        self.build = build
        self.static = static
        os.mkdir(self.path("www"))
        for name in ("mcp.fcgi", "mcpctl"):
            shutil.copy(os.path.join(build, name), self.dir)
        subprocess.run(["gcc", "-O2", "-o", self.path("bare"), os.path.join(HERE, "bare.c"), "-lfcgi", "-lsqlite3"], check=True)
        subprocess.run(["gcc", "-O2", "-static", "-o", self.path("empty"), os.path.join(HERE, "empty.c")], check=True)
        for name in ("bare", "mcp.fcgi", "empty"):
            shutil.copy(self.path(name), self.path(name + ".cgi"))
        if static:
            shutil.copy(static, self.path("static.cgi"))
        self.ctl("init", "--dir", self.path("site"))
        os.mkdir(self.path("site/data"))
        with open(os.path.join(HERE, "data.sql")) as f:
            subprocess.run(["sqlite3", self.path("site/data/bench.db")], stdin=f, check=True, stdout=subprocess.DEVNULL)
        shutil.copy(os.path.join(HERE, "mcp.conf.in"), self.path("site/mcp.conf"))
        os.chmod(self.path("site/mcp.conf"), 0o600)
        self.token = self.ctl("key", "create", "load", "--config", self.path("site/mcp.conf")).strip()

    def path(self, name):
        return os.path.join(self.dir, name)

    def ctl(self, *words):
        return subprocess.run([self.path("mcpctl"), *words], check=True, capture_output=True, text=True).stdout

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)


class Target:
    """One lighttpd with one responder behind it."""

    def __init__(self, bench, name, program, words="", cgi=False, workers=2):
        self.bench, self.name, self.cgi = bench, name, cgi
        self.port = free_port()
        env = {"MCP_CONFIG": bench.path("site/mcp.conf"), "BENCH_DB": bench.path("site/data/bench.db"), "BENCH_LIST": bench.path("list")}
        head = 'server.port = %d\nserver.bind = "127.0.0.1"\nserver.document-root = "%s/www"\nserver.max-keep-alive-requests = 1000000\nserver.max-keep-alive-idle = 60\nserver.errorlog = "%s.err"\n' % (self.port, bench.dir, bench.path(name))
        pairs = ", ".join('"%s" => "%s"' % x for x in env.items())
        if cgi:
            body = 'server.modules = ( "mod_alias", "mod_setenv", "mod_cgi" )\nalias.url = ( "/mcp" => "%s" )\ncgi.assign = ( ".cgi" => "" )\nsetenv.set-environment = ( %s )\n' % (bench.path(program), pairs)
        else:
            body = 'server.modules = ( "mod_fastcgi" )\nfastcgi.server = ( "/mcp" => (( "bin-path" => "%s", "socket" => "%s.sock", "check-local" => "disable", "max-procs" => %d, "bin-environment" => ( %s ) )) )\n' % ((bench.path(program) + " " + words).strip(), bench.path(name), workers, pairs)
        with open(bench.path(name + ".conf"), "w") as f:
            f.write(head + body)

    def spawn(self):
        self.p = subprocess.Popen([shutil.which("lighttpd") or "/usr/sbin/lighttpd", "-D", "-f", self.bench.path(self.name + ".conf")], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def start(self):
        """Start it; milliseconds until the first good answer."""
        begin = time.perf_counter()
        self.spawn()
        while True:
            try:
                self.ask("row")
                break
            except (OSError, http.client.HTTPException, RuntimeError) as e:
                if self.p.poll() is not None or time.perf_counter() - begin > 30:
                    raise RuntimeError("%s does not answer: %s" % (self.name, e))
                time.sleep(0.001)
        return (time.perf_counter() - begin) * 1000

    def ask(self, workload):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            c.request("POST", "/mcp", '{"jsonrpc":"2.0","id":1,%s}' % BODY[workload], {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18", "Authorization": "Bearer " + self.bench.token})
            r = c.getresponse()
            text = r.read()
            if r.status != 200:
                raise RuntimeError("%s: %d %r" % (self.name, r.status, text[:200]))
            return text
        finally:
            c.close()

    def stop(self):
        if self.p.poll() is None:
            self.p.send_signal(signal.SIGTERM)
        try:
            self.p.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self.p.pid, signal.SIGKILL)
            self.p.wait()

    def workers(self):
        """Every process below lighttpd; the keeper's child is the worker."""
        found, todo = [], [self.p.pid]
        while todo:
            below = children(todo.pop())
            found += below
            todo += below
        return found


def ours_behind(bench, name="ours"):
    """As "mcpctl web lighttpd" has it: workers that share one socket."""
    return Target(bench, name, "mcp.fcgi", "--workers 2", workers=1)


def children(pid):
    out = []
    for d in os.listdir("/proc"):
        if d.isdigit():
            try:
                with open("/proc/%s/stat" % d) as f:
                    s = f.read()
            except OSError:
                continue
            if int(s[s.rindex(")") + 2:].split()[1]) == pid:
                out.append(int(d))
    return out


def cpu_seconds(pids):
    total = 0
    for p in pids:
        try:
            with open("/proc/%d/stat" % p) as f:
                s = f.read()
        except OSError:
            continue
        v = s[s.rindex(")") + 2:].split()
        total += sum(map(int, v[11:15]))
    return total / TICK


def memory(pid):
    """(proportional, private) kilobytes of a process; the mapped database is neither."""
    pss = private = 0
    with open("/proc/%d/smaps_rollup" % pid) as f:
        for line in f:
            if line.startswith("Pss:"):
                pss = int(line.split()[1])
            elif line.startswith(("Private_Clean:", "Private_Dirty:")):
                private += int(line.split()[1])
    return pss, private


def drain(target):
    """What wrk left under way must not run on into the next cell: wait until
    the workers answer at once and have nothing more to do."""
    end = time.time() + 120
    while time.time() < end:
        try:
            target.ask("row")
            break
        except (OSError, http.client.HTTPException):
            pass
    busy = cpu_seconds(target.workers())
    while time.time() < end:
        time.sleep(0.05)
        now = cpu_seconds(target.workers())
        if now - busy < 2 / TICK:
            return
        busy = now


def load(target, workload, connections, seconds):
    pids = [target.p.pid] + target.workers()
    before = cpu_seconds(pids)
    p = subprocess.run(["wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds, "--timeout", "20s", "-s", os.path.join(HERE, "load.lua"), "http://127.0.0.1:%d/mcp" % target.port, "--", workload, target.bench.token], capture_output=True, text=True, timeout=seconds + 60)
    line = [x for x in p.stdout.splitlines() if x.startswith("JSON ")]
    if not line:
        raise RuntimeError(p.stdout + p.stderr)
    j = json.loads(line[0][5:])
    if j["bad"]:
        print("  %s %s %d: %d bad answers" % (target.name, workload, connections, j["bad"]))
    used = cpu_seconds([target.p.pid] + target.workers()) - before
    drain(target)
    return {"rps": j["n"] * 1e6 / j["us"], "p50": j["p50"] / 1000, "p99": j["p99"] / 1000, "cpu": used * 1e6 / max(j["n"], 1)}


def median(values):
    return statistics.median(values) if values else float("nan")


class Table:
    """All measured cells, by (target, workload, connections)."""

    def __init__(self):
        self.cells = {}

    def add(self, target, workload, connections, cell):
        self.cells.setdefault((target, workload, connections), []).append(cell)

    def ratio(self, a, b, workload, connections, what="rps"):
        pairs = zip(self.cells.get((a, workload, connections), []), self.cells.get((b, workload, connections), []))
        return median([x[what] / y[what] for x, y in pairs if y[what]])

    def value(self, target, workload, connections, what):
        return median([x[what] for x in self.cells.get((target, workload, connections), [])])


GOALS = []


def goal(text, figure, wanted, met, unit=""):
    GOALS.append({"goal": text, "figure": figure, "wanted": wanted, "met": bool(met)})
    print("%-8s %-62s %8.2f%s  (goal %s)" % ("met" if met else "NOT MET", text, figure, unit, wanted))


def report(table, options):
    print("\nmedians of %d rounds" % options.rounds)
    print("%-10s %-11s %5s %10s %9s %9s %9s" % ("target", "workload", "conn", "req/s", "p50 ms", "p99 ms", "cpu us"))
    for (t, w, c) in table.cells:
        print("%-10s %-11s %5d %10.0f %9.2f %9.2f %9.1f" % ((t, w, c) + tuple(table.value(t, w, c, k) for k in ("rps", "p50", "p99", "cpu"))))
    print()
    wanted = {"initialize": 1.0, "list": 1.0, "row": 1.0, "rows": 1.15, "group": 0.97}
    for w in WORKLOADS:
        for c in (16, 64):
            r = table.ratio("ours", "query", w, c)
            if r == r:
                goal("%s, %d connections, against the bare responder" % (w, c), r, ">= %.2f" % wanted[w], r >= wanted[w])
    for w in WORKLOADS:
        for c in (16, 64):
            r = table.ratio("ours", "query", w, c, "p99")
            if r == r:
                goal("p99 of %s, %d connections, against the bare responder" % (w, c), r, "<= 1.5", r <= 1.5)
    for c in (16, 64):
        r = table.value("ours", "row", c, "cpu") / table.value("ours", "row", 1, "cpu")
        goal("CPU of one row at %d connections, times that at one" % c, r, "<= 1.10", r <= 1.10)
    r = table.ratio("ours-cgi", "bare-cgi", "row", 4)
    goal("CGI, one row, dynamic, against the bare CGI responder", r, ">= 0.85", r >= 0.85)
    r = table.ratio("static", "empty", "row", 4)
    if r == r:
        goal("CGI, one row, static, against an empty program", r, ">= 0.45", r >= 0.45)


def bare_counts(bench):
    """The same counts of the bare responder, for comparison."""
    folder = guard.folder_with_data()
    site = guard.Site(bench.build, folder)
    site.worker = [bench.path("bare"), "query"]
    os.environ["BENCH_DB"] = site.path("site/data/bench.db")
    os.environ["BENCH_LIST"] = bench.path("list")
    try:
        return {w: tuple(guard.cost(site, count, w) for count in (guard.instructions, guard.calls)) for w in WORKLOADS}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report_counts(bench):
    """What does not drift with the machine: instructions and system calls."""
    missing = guard.why_not(os.path.join(bench.build, "mcp.fcgi"))
    if missing:
        print("\nno counts: " + missing)
        return
    found = guard.measure(bench.build)
    bare = bare_counts(bench)
    print("\n%-12s %14s %14s %14s %14s" % ("a request", "instructions", "system calls", "bare", "calls of bare"))
    for name, row in found.items():
        print("%-12s %14.0f %14.1f" % (name, *row), "%14.0f %14.1f" % bare[name] if name in bare else "")
    print()
    goal("system calls of a worker, one row, warm", found["row"][1], "<= 20", round(found["row"][1]) <= 20)


def report_growth(bench):
    if guard.why_not(os.path.join(bench.build, "mcp.fcgi")):
        return
    for name, _, _, times in growth.measure(bench.build)[1:]:
        goal("instructions of one row with %s, times with few" % name, times, "<= 1.10", times <= growth.MOST)


def run_rounds(bench, targets, cgis, options, table):
    for t in targets + cgis:
        t.start()
    try:
        for i in range(options.rounds):
            order = targets[i % len(targets):] + targets[:i % len(targets)]
            for w in WORKLOADS:
                for c in (1, 16) if w == "group" else (1, 16, 64):  # 64 of those take longer than a cell
                    for t in order:
                        if t.name == "constant" and w not in ("initialize", "row"):
                            continue
                        table.add(t.name, w, c, load(t, w, c, options.seconds))
            for t in cgis[i % len(cgis):] + cgis[:i % len(cgis)]:
                table.add(t.name, "row", 4, load(t, "row", 4, options.seconds))
        ours = targets[0]
        for _ in range(8):
            ours.ask("row")
        sizes = [memory(p) for p in ours.workers()]
        return max(x[0] for x in sizes), max(x[1] for x in sizes)
    finally:
        for t in targets + cgis:
            t.stop()


def cold_starts(bench):
    """Milliseconds from nothing to the first answer, lighttpd included."""
    cold = []
    for _ in range(9):
        t = ours_behind(bench, "cold")
        cold.append(t.start())
        t.stop()
    return cold


def run(bench, o):
    ours = ours_behind(bench)
    ours.start()
    listing = ours.ask("list").decode()
    with open(bench.path("list"), "w") as f:
        f.write(listing[listing.index('"result"'):])
    ours.stop()
    cold = cold_starts(bench)
    targets = [ours_behind(bench), Target(bench, "query", "bare", "query"), Target(bench, "constant", "bare", "constant")]
    cgis = [Target(bench, "ours-cgi", "mcp.fcgi.cgi", cgi=True), Target(bench, "bare-cgi", "bare.cgi", cgi=True), Target(bench, "empty", "empty.cgi", cgi=True)]
    if bench.static:
        cgis.append(Target(bench, "static", "static.cgi", cgi=True))
    table = Table()
    pss, private = run_rounds(bench, targets, cgis, o, table)
    report(table, o)
    goal("private memory of a worker, warm, MB", private / 1024, "<= 4", private <= 4096)
    goal("cold start, lighttpd included, ms", median(cold), "<= 20", median(cold) <= 20)
    report_counts(bench)
    if not o.short:
        report_growth(bench)
    print("\nproportional memory of a worker %.1f MB" % (pss / 1024))
    return table


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--build", default=os.path.join(HERE, "..", "build"))
    p.add_argument("--short", action="store_true", help="two rounds of one second, no growth")
    p.add_argument("--rounds", type=int)
    p.add_argument("--seconds", type=int)
    p.add_argument("--static", help="a static build, or none; without it one is made")
    p.add_argument("--json")
    o = p.parse_args()
    o.rounds = o.rounds or (2 if o.short else 4)
    o.seconds = o.seconds or (1 if o.short else 2)
    o.build = os.path.abspath(o.build)
    begin = time.time()
    why = ""
    if o.static is None:
        o.static, why = static_program(o.build)
    if o.static in (None, "none"):
        print("no static build%s" % (": " + why if why else ""))
        o.static = None
    bench = Bench(o.build, o.static)
    try:
        table = run(bench, o)
        if o.json:
            with open(o.json, "w") as f:
                json.dump({"goals": GOALS, "cells": {"%s %s %d" % k: v for k, v in table.cells.items()}}, f, indent=1)
    finally:
        bench.close()
    met = sum(g["met"] for g in GOALS)
    print("%d of %d goals met, in %.0f s" % (met, len(GOALS), time.time() - begin))


if __name__ == "__main__":
    main()
