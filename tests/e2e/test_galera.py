# SPDX-License-Identifier: ISC
"""A source on a Galera pair with garbd: one node is killed under load, calls go
on at the other, and what was said to be written is there."""
import os
import threading
import time

import galera
import servers
from client import Client
from run import Skip

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "galera.conf")
SITE = """state = "state";
base_url = "http://127.0.0.1/mcp";
limits = { rate = "100000/min"; burst = 10000; };
sources = {"""
CALLS = 5000 if os.environ.get("MCP_HEAVY") else 400
THREADS = 8
RUNNING = []
KEYS = {}

SHOP = """
CREATE DATABASE shop;
CREATE TABLE shop.orders (id BIGINT PRIMARY KEY, what VARCHAR(20)) ENGINE = InnoDB;
CREATE USER mcp@'127.0.0.1' IDENTIFIED BY 'hush';
GRANT SELECT, INSERT ON shop.* TO mcp@'127.0.0.1';
"""


def prepare(site):
    if galera.missing():
        return
    g = galera.Galera()
    RUNNING.append(g)
    g.sql(0, SHOP)
    with open(EXAMPLE) as f:
        text = f.read().replace("node1.example.org,node2.example.org", ",".join("127.0.0.1:%d" % p for p in g.ports))
    with open(os.path.join(site.root, "pair.password"), "w") as f:
        f.write("hush\n")
    os.chmod(f.name, 0o600)
    site.own()
    site.configure(text.replace("sources = {", SITE, 1))
    KEYS[site] = site.key("pair", "--scope", "read,write", "--source", "pair:SELECT,INSERT")


def finish():
    for g in RUNNING:
        g.close()


class Load:
    def __init__(self, url, token):
        self.url, self.token = url, token
        self.lock = threading.Lock()
        self.next, self.done = 0, []

    def call(self, i):
        c = Client(self.url, self.token)
        if i % 4 == 0:
            r = c.tool("pair_execute_insert", {"query": "INSERT INTO orders VALUES (%d, 'x')" % i})
        else:
            r = c.tool("pair_execute_select", {"query": "SELECT count(*) FROM orders"})
        assert r.status == 200, r
        return "" if not r.result.get("isError") else r.result["content"][0]["text"]

    def work(self):
        while True:
            with self.lock:
                i = self.next
                self.next += 1
            if i >= CALLS:
                return
            sent = time.monotonic()
            said = self.call(i)
            self.done.append((sent, time.monotonic(), i, said))
            if said:
                time.sleep(1)

    def run(self, in_the_middle):
        threads = [threading.Thread(target=self.work) for _ in range(THREADS)]
        for t in threads:
            t.start()
        while len(self.done) < CALLS // 2 and any(t.is_alive() for t in threads):
            time.sleep(0.002)
        in_the_middle()
        for t in threads:
            t.join()


def test_one_node_is_killed(lighttpd, site):
    if not RUNNING:
        raise Skip("this is not installed here (Debian): %s" % galera.missing())
    g, at = RUNNING[0], {}

    def kill():
        at["killed"] = time.monotonic()
        g.kill(0)
        for i in (CALLS + 1, CALLS + 4):  # a read and a write
            # One that was in doubt may have been written by the try before.
            servers.wait_until(lambda: load.call(i).split(":")[0] in ("", "CONSTRAINT_VIOLATION"), seconds=60)
        at["served"] = time.monotonic()

    load = Load(lighttpd.url, KEYS[site])
    load.run(kill)
    assert len(load.done) == CALLS
    failed = [d for d in load.done if d[3]]
    assert all(d[3].split(":")[0] in ("SOURCE_UNREACHABLE", "TIMEOUT", "BUSY", "SQL_ERROR") for d in failed), sorted({d[3] for d in failed})
    assert all(d[1] > at["killed"] for d in failed), "failed while all was well"
    written = {d[2] for d in load.done if d[2] % 4 == 0 and not d[3]}
    there = {int(x) for x in g.sql(1, "SELECT id FROM shop.orders").split()}
    print("a Galera pair, %d calls, one node killed in the middle: %d calls failed, %d of %d writes lost, %.2f s until service" % (CALLS, len(failed), len(written - there), len(written), at["served"] - at["killed"]))
    assert written <= there
