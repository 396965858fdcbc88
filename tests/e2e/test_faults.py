# SPDX-License-Identifier: ISC
"""Trouble with files: each gets its own clear sentence, without a path, and
the site works again once the trouble is over."""
import os
import shutil
import sqlite3

import servers
from client import Client
from mcpsite import CONF, fill_log

KEYS = {}


def client(server, site):
    if site not in KEYS:
        KEYS[site] = site.key("faults", "--scope", "read,write", "--source", "shop:ALL", "--source", "log:ALL")
    return Client(server.url, KEYS[site])


def failed(site, answer):
    assert answer.status == 200 and answer.result["isError"] is True, answer
    text = answer.result["content"][0]["text"]
    assert site.dir not in text and ".db" not in text, text
    return text


def count(c):
    return c.tool("execute_select", {"query": "SELECT count(*) FROM events", "defaultCatalog": "log"})


def rows(answer):
    return answer.result["structuredContent"]["results"][0]["rows"]


def broken(site, name, make):
    """Move a database away, put something else there, and back at the end."""
    class Broken:
        def __enter__(self):
            os.rename(site.data(name), site.data(name) + ".good")
            make(site.data(name))
            site.own()

        def __exit__(self, *_):
            if os.path.exists(site.data(name)):
                os.unlink(site.data(name))
            os.rename(site.data(name) + ".good", site.data(name))
    return Broken()


def test_missing_database(lighttpd, site):
    c = client(lighttpd, site)
    assert rows(count(c)) == [[50]]
    with broken(site, "log.db", lambda p: None):
        text = failed(site, count(c))
        assert text.startswith("SOURCE_UNREACHABLE: ") and text.endswith(' from "mcpctl doctor".'), text
    assert rows(count(c)) == [[50]]


def test_corrupt_database(lighttpd, site):
    c = client(lighttpd, site)

    def garbage(path):
        with open(path, "wb") as f:
            f.write(os.urandom(8192))
    with broken(site, "log.db", garbage):
        text = failed(site, count(c))
        assert "not a SQLite database" in text, text
    assert rows(count(c)) == [[50]]


def test_replaced_database_is_noticed(lighttpd, site):
    c = client(lighttpd, site)
    assert rows(count(c)) == [[50]]

    def bigger(path):
        fill_log(path)
        db = sqlite3.connect(path)
        db.execute("INSERT INTO events VALUES (51, '', '')")
        db.commit()
        db.close()
    with broken(site, "log.db", bigger):
        assert rows(count(c)) == [[51]]
    assert rows(count(c)) == [[50]]


def test_locked_database(lighttpd, site):
    c = client(lighttpd, site)
    db = sqlite3.connect(site.data("shop.db"), isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    try:
        text = failed(site, c.tool("execute_update", {"query": "UPDATE orders SET note = 'x' WHERE id = 1", "defaultCatalog": "shop", "timeout": 1}))
        assert text.startswith("BUSY: "), text
    finally:
        db.execute("ROLLBACK")
        db.close()
    a = c.tool("execute_update", {"query": "UPDATE orders SET note = 'x' WHERE id = 1", "defaultCatalog": "shop"})
    assert a.result["structuredContent"]["results"][0]["affectedRows"] == 1, a


def test_read_only_database(site):
    mode = os.stat(site.data("shop.db")).st_mode
    os.chmod(site.data("shop.db"), 0o444)
    os.chmod(site.data(""), 0o555)
    try:
        with servers.Lighttpd(site) as fresh:
            c = client(fresh, site)
            text = failed(site, c.tool("execute_update", {"query": "UPDATE orders SET note = 'x' WHERE id = 1", "defaultCatalog": "shop"}))
            assert "cannot be written" in text or "read-only" in text, text
            assert c.select("SELECT 1 FROM orders WHERE id = 1").result["structuredContent"]["results"][0]["rows"] == [[1]]
    finally:
        os.chmod(site.data(""), 0o755)
        os.chmod(site.data("shop.db"), mode)


def test_missing_state_folder(site):
    os.rename(site.state(""), site.state("")[:-1] + ".away")
    try:
        for kind in (servers.Lighttpd, servers.LighttpdCgi):
            with kind(site) as s:
                a = Client(s.url, "mcpk_000000000000_" + "A" * 49).call("tools/list")
                assert a.status == 503 and a.error["code"] == -32603, a
                assert site.dir.encode() not in a.body
    finally:
        os.rename(site.state("")[:-1] + ".away", site.state("")[:-1])


def test_damaged_key_store(site):
    good = client(type("S", (), {"url": ""}), site).token
    path = site.state("keys.db")
    for extra in ("-wal", "-shm"):
        if os.path.exists(path + extra):
            os.unlink(path + extra)
    shutil.copy(path, path + ".good")
    with open(path, "wb") as f:
        f.write(b"not a database, but long enough to be read as one" * 100)
    try:
        with servers.Lighttpd(site) as s:
            a = Client(s.url, good).call("tools/list")
            assert a.status == 503 and a.error["code"] == -32603 and "retry-after" in a.headers, a
    finally:
        os.rename(path + ".good", path)
        site.own()
    with servers.Lighttpd(site) as s:
        assert Client(s.url, good).call("tools/list").status == 200


def test_broken_configuration_keeps_the_old_one(lighttpd, site):
    c = client(lighttpd, site)
    assert c.call("tools/list").status == 200
    site.configure(CONF + "\nnonsense = 1;\n")
    try:
        assert c.call("tools/list").status == 200
        with servers.LighttpdCgi(site) as fresh:
            a = Client(fresh.url, c.token).call("tools/list")
            assert a.status == 500 and a.error["code"] == -32603, a
            assert b"nonsense" not in a.body
        p = site.ctl("check", "--config", site.conf, check=False)
        assert p.returncode == 3 and "nonsense" in p.stdout + p.stderr and "mcp.conf:" in p.stdout + p.stderr, p
    finally:
        site.configure(CONF)
    assert c.call("tools/list").status == 200


def test_changed_configuration_is_taken(lighttpd, site):
    c = client(lighttpd, site)
    assert "orders_of_day" in c.names()
    site.configure(CONF.replace("orders_of_day", "orders_of_a_day"))
    try:
        assert "orders_of_a_day" in c.names() and "orders_of_day" not in c.names()
    finally:
        site.configure(CONF)
    assert "orders_of_day" in c.names()


def test_audit_that_cannot_be_written(site):
    path = site.state("audit.jsonl")
    os.rename(path, path + ".away")
    os.mkdir(path)
    try:
        with servers.Lighttpd(site) as s:
            a = client(s, site).select("SELECT 1")
            assert a.status == 503 and a.error["code"] == -32603, a
    finally:
        os.rmdir(path)
        os.rename(path + ".away", path)


def test_timeout_soft_and_hard(lighttpd, site):
    c = client(lighttpd, site)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    text = failed(site, c.select(endless, timeout=1))
    assert text.startswith("TIMEOUT: ") and "1" in text, text
    # A single function call cannot be interrupted: the worker leaves with
    # the answer that was prepared for it, and another takes over.
    slow = "SELECT instr(replace(hex(zeroblob(400000)),'00','ab'), replace(hex(zeroblob(200000)),'00','ab')||'x')"
    a = c.select(slow, timeout=1)
    assert a.status == 200, a
    assert c.select("SELECT 1").result["structuredContent"]["results"][0]["rows"] == [[1]]


def test_the_doctor_asks_a_source_that_runs_its_statement(lighttpd, site):
    t = site.key("looks")

    def said():
        lines = site.ctl("doctor", "--config", site.conf, "--url", lighttpd.url, "--key", t, check=False).stdout.splitlines()
        return [x for x in lines if x.split()[1] == "stream"][0]

    with broken(site, "log.db", lambda p: None):
        text = said()
        assert " event" in text and "not tried" not in text, text
        with broken(site, "shop.db", lambda p: None):
            text = said()
            assert text.endswith("was not run by log, shop"), text
