# SPDX-License-Identifier: ISC
"""Two front ends on one PostgreSQL: the same keys, the same limits, and what
happens when the primary dies while they are asked."""
import json
import os
import shutil
import threading
import time

import pgserver
import servers
import test_asking as asking
from client import MODERN, Client
from mcpsite import CONF as USUAL, Site
from run import Skip

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "shared-store.conf")
CALLS = 10000 if os.environ.get("MCP_HEAVY") else 1000
THREADS = 16
RATE, BURST = 60, 15  # per minute; a quarter of it at once
RUNNING = []


def start():
    """The primary, with an empty database for the store."""
    if pgserver.programs() is None:
        raise Skip("no PostgreSQL is installed here (Debian: postgresql)")
    if not RUNNING:
        pg = pgserver.Postgres()
        RUNNING.append(pg)
        pg.psql("postgres", "CREATE ROLE mcp LOGIN")
        pg.psql("postgres", "CREATE DATABASE mcp OWNER mcp")
    return RUNNING[0]


def finish():
    for pg in reversed(RUNNING):
        pg.close()


def conf(*hosts):
    """The example, with hosts of ours."""
    with open(EXAMPLE) as f:
        return USUAL + f.read().replace("db1.example.org,db2.example.org", ",".join("127.0.0.1:%d" % pg.port for pg in hosts))


def use(site, *hosts):
    with open(os.path.join(site.root, "store.password"), "w") as f:
        f.write("not asked for here\n")
    os.chmod(f.name, 0o600)
    site.configure(conf(*hosts))
    site.own()


def fresh(pg):
    pg.psql("mcp", "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION mcp")


def front_end(build, *hosts, like=None):
    """A site with the shared store; with the pepper of another one."""
    site = Site(build)
    if like is not None:
        os.unlink(site.state("pepper"))
        shutil.copy(like.state("pepper"), site.state("pepper"))
    use(site, *hosts)
    site.ctl("init", "--dir", site.root)
    return site


def status(url, token):
    return Client(url, token).select("SELECT 1").status


def findings(site):
    return site.ctl("doctor", "--config", site.conf, check=False).stdout


def test_keys_move_there_and_back(site):
    pg = start()
    fresh(pg)
    old = site.key("old")
    use(site, pg)
    r = site.ctl("key", "list", "--config", site.conf, check=False)
    assert r.returncode == 1 and "its tables are missing" in r.stderr and "mcpctl init" in r.stderr, r.stderr
    assert "copied 1 key, 0 counters and 0 used marks to the shared store" in site.ctl("store", "copy", "shared", "--config", site.conf).stdout
    r = site.ctl("store", "copy", "shared", "--config", site.conf, check=False)
    assert r.returncode == 1 and "--force" in r.stderr, r.stderr
    new = site.key("new")
    with servers.Lighttpd(site) as s:
        assert [status(s.url, t) for t in (old, new, old[:-7] + "A" + old[-6:])] == [200, 200, 401]
        site.ctl("key", "revoke", "old", "--config", site.conf)
        assert [status(s.url, t) for t in (old, new)] == [401, 200]
    with servers.LighttpdCgi(site) as s:
        assert [status(s.url, t) for t in (old, new)] == [401, 200]
    r = site.ctl("store", "copy", "folder", "--config", site.conf, check=False)
    assert r.returncode == 1 and "--force" in r.stderr, r.stderr
    assert '"keys":2' in site.ctl("store", "copy", "folder", "--force", "--json", "--config", site.conf).stdout
    site.own()
    site.configure(USUAL)
    with servers.Lighttpd(site) as s:
        assert [status(s.url, t) for t in (old, new)] == [401, 200]
    r = site.ctl("store", "copy", "shared", "--config", site.conf, check=False)
    assert r.returncode != 0 and "names no shared store" in r.stderr, r.stderr


def test_the_doctor_compares_peppers(build):
    pg = start()
    fresh(pg)
    a = front_end(build, pg)
    b = Site(build)
    try:
        said = findings(a)
        assert "shared, by pgsql; it can be asked" in said and "is the shared store's" in said, said
        assert "waits for no standby" in said, said
        use(b, pg)
        r = b.ctl("init", "--dir", b.root, check=False)
        assert r.returncode == 3 or "the pepper of this machine is not that of the shared store" in r.stderr, r.stderr
        r = b.ctl("doctor", "--config", b.conf, check=False)
        assert r.returncode == 1 and "another one than the shared store" in r.stdout and "copy the file pepper" in r.stdout, r.stdout
        r = b.ctl("key", "create", "x", "--config", b.conf, check=False)
        assert r.returncode != 0 and "mcpk_" not in r.stdout, r.stdout
    finally:
        a.close()
        b.close()


def test_mistakes_are_complained_of(site):
    for lines, words in (
            ('driver = "pgsql"; host = "x";', ['store needs the setting "database"', 'store needs the setting "user"']),
            ('driver = "pgsql"; database = "d"; user = "u"; path = "/x";', ['there is no setting "path" in store']),
            ('driver = "mysql";', ["store.driver must be sqlite or pgsql"]),
            ('driver = "files";', ["store.driver must be sqlite or pgsql"]),
            ('host = "x";', ["store.host says nothing to the driver sqlite"])):
        site.configure(USUAL + "store = { %s };\n" % lines)
        r = site.ctl("check", "--config", site.conf, check=False)
        for w in words:
            assert r.returncode == 3 and w in r.stderr + r.stdout, (lines, r.stdout, r.stderr)


def test_what_its_server_says_is_told(build):
    pg = start()
    site, dead = Site(build), "127.0.0.1:1"
    try:
        use(site, pg)
        text = conf(pg)
        alive = "127.0.0.1:%d" % pg.port
        for change, words in (
                (('database      = "mcp"', 'database = "mcp2"'), "its server has no database of that name"),
                (('user          = "mcp"', 'user = "nobody_here"'), "its server does not take the account"),
                (('password_file', 'tls = "require"; password_file'), "its server does not speak TLS as the setting tls wants it"),
                ((alive, dead), "its server cannot be reached")):
            for hosts in (alive, dead + "," + alive, alive + "," + dead):
                site.configure(text.replace(*change).replace(alive, hosts))
                said = findings(site)
                assert "the shared store cannot be used: " + words in said, (change, hosts, said)
    finally:
        site.close()


def calls(site):
    """How often each tool was called, by all machines, as mcpctl says."""
    rows = json.loads(site.ctl("usage", "--json", "--config", site.conf).stdout)
    return {(r["name"], r["tool"]): (r["calls"], r["failed"]) for r in rows}


def test_what_all_machines_were_asked_adds_up(build):
    pg = start()
    fresh(pg)
    a = front_end(build, pg)
    b = front_end(build, pg, like=a)
    try:
        token = a.key("both")
        for site, times in ((a, 3), (b, 2)):
            with servers.Lighttpd(site) as s:
                for i in range(times):
                    c = Client(s.url, token)
                    assert c.select("SELECT 1").status == 200
                c.select("SELECT nothing FROM nowhere")
        assert calls(a) == {("both", "execute_select"): (4, 1)}
        assert calls(b) == {("both", "execute_select"): (7, 2)} == calls(a)
        assert '"counted":0' in b.ctl("gc", "--json", "--config", b.conf).stdout
        # They go along with the keys.
        assert '"counts":1' in a.ctl("store", "copy", "folder", "--force", "--json", "--config", a.conf).stdout
        a.configure(USUAL)
        assert calls(a) == {("both", "execute_select"): (7, 2)}
    finally:
        b.close()
        a.close()


def test_a_store_that_is_away_is_503(build):
    pg = start()
    fresh(pg)
    site = front_end(build, pg)
    try:
        token = site.key("k")
        with servers.Lighttpd(site) as s:
            assert status(s.url, token) == 200
            pg.kill()
            for t in (token, token[:-7] + "A" + token[-6:]):
                if t != token and status(s.url, t) == 401:
                    continue  # a key that does not even read is nobody's
                r = Client(s.url, t).select("SELECT 1")
                assert r.status == 503 and r.headers["retry-after"] == "1", r
                for secret in ("127.0.0.1", str(pg.port), '"mcp"', "/tmp/"):
                    assert secret.encode() not in r.body, r
            pg.start()
            assert [status(s.url, token) for _ in range(4)] == [200] * 4
    finally:
        site.close()


def test_one_yes_counts_for_all_machines(build):
    """The user was asked by one front end; ten requests bring his yes to two."""
    pg = start()
    fresh(pg)
    a = front_end(build, pg)
    b = front_end(build, pg, like=a)
    ask = "confirm_writes = \"ask\";\n" + conf(pg)
    for site in (a, b):
        site.configure(ask)
    got = []
    try:
        token = a.key("desk", "--scope", "read,write", "--source", "shop:SELECT,UPDATE")
        with servers.Lighttpd(a) as x, servers.Lighttpd(b) as y:
            state = asking.call(Client(x.url, token, MODERN), "execute_update", asking.AGAIN).result["requestState"]

            def bring(url):
                r = asking.call(Client(url, token, MODERN), "execute_update", asking.AGAIN, inputResponses=asking.YES, requestState=state)
                got.append("done" if "structuredContent" in r.result else asking.text(r).split(":")[0])

            threads = [threading.Thread(target=bring, args=(s.url,)) for s in (x, y) * 5]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
        assert sorted(got) == ["CONFLICT"] * 9 + ["done"], got
        assert sum(asking.value(site, "SELECT note IS NOT NULL FROM orders WHERE id = 5") for site in (a, b)) == 1
    finally:
        a.close()
        b.close()


class Load:
    """Calls of many clients on two front ends, and what came of each."""

    def __init__(self, urls, tokens, calls):
        self.urls, self.tokens, self.calls = urls, tokens, calls
        self.lock = threading.Lock()
        self.next, self.done = 0, []
        self.begin = time.monotonic()

    def work(self):
        while True:
            with self.lock:
                i = self.next
                self.next += 1
            if i >= self.calls:
                return
            kind = ("good", "good", "limited", "good", "good", "ended", "good", "limited", "good", "unknown")[i % 10]
            front = i // 10 % 2
            sent = time.monotonic()
            try:
                got = status(self.urls[front], self.tokens[kind])
            except OSError:
                got = 0
            self.done.append((sent, time.monotonic(), front, kind, got))
            if got == 503:
                time.sleep(1)  # as Retry-After says

    def wait_for(self, n, threads):
        while len(self.done) < n and any(t.is_alive() for t in threads):
            time.sleep(0.002)

    def run(self, *steps):
        """Each step after its part of the calls."""
        threads = [threading.Thread(target=self.work) for _ in range(THREADS)]
        for t in threads:
            t.start()
        for part, step in steps:
            self.wait_for(int(self.calls * part), threads)
            step()
        for t in threads:
            t.join()
        return time.monotonic() - self.begin


def test_the_primary_dies_under_load(build):
    primary = start()
    fresh(primary)
    standby = pgserver.Postgres(of=primary)
    RUNNING.append(standby)
    primary.psql("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'")
    primary.psql("postgres", "SELECT pg_reload_conf()")
    a = front_end(build, primary, standby)
    b = front_end(build, standby, primary, like=a)
    at = {}
    try:
        assert "waits for no standby" not in findings(a)
        tokens = {k: a.key(k) for k in ("good", "ended", "gone")}
        tokens["limited"] = a.key("limited", "--rate", "%d/min" % RATE)
        tokens["unknown"] = tokens.pop("gone")
        primary.psql("mcp", "DELETE FROM keys WHERE label = 'gone'")

        def end_a_key():
            b.ctl("key", "revoke", "ended", "--config", b.conf)
            at["ended"] = time.monotonic()

        def kill():
            tokens["last"] = b.ctl("key", "create", "last", "--config", b.conf).stdout.strip()
            at["killed"] = time.monotonic()
            primary.kill()
            promoting = threading.Thread(target=standby.promote)
            promoting.start()
            for url in (x.url, y.url):
                servers.wait_until(lambda: status(url, tokens["good"]) == 200)
            at["served"] = time.monotonic()
            promoting.join()

        with servers.Lighttpd(a, workers=2) as x, servers.Lighttpd(b, workers=2) as y:
            load = Load((x.url, y.url), tokens, CALLS)
            took = load.run((0.25, end_a_key), (0.5, kill))
            assert [status(u, tokens[k]) for u in (x.url, y.url) for k in ("good", "last", "ended", "unknown")] == [200, 200, 401, 401] * 2
    finally:
        a.close()
        b.close()
    done = load.done
    assert len(done) == CALLS
    failed = [d for d in done if d[4] not in (200, 401, 429)]
    assert all(d[4] == 503 for d in failed), {d[4] for d in failed}
    assert all(d[1] >= at["killed"] for d in failed), "failed while all was well"
    wrong = sum(d[3] == "unknown" and d[4] == 200 for d in done)
    wrong += sum(d[3] == "ended" and d[4] == 200 and d[0] > at["ended"] for d in done)
    granted = sum(d[3] == "limited" and d[4] == 200 for d in done)
    wrong += max(0, granted - BURST - int(took * RATE / 60))
    print("two front ends, %d calls in %.1f s, the primary killed in the middle: %d calls failed, %d wrongly granted, %.2f s until service" % (CALLS, took, len(failed), wrong, at["served"] - at["killed"]))
    assert wrong == 0
    assert granted >= BURST, granted
