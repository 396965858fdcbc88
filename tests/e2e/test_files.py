# SPDX-License-Identifier: ISC
"""A folder of CSV and JSON lines as a source, through the real servers and
inside of the sandbox: files that change, that are wrong, that many ask for."""
import concurrent.futures
import json
import os

import servers
from client import Client
from mcpsite import CONF as USUAL

CONF = USUAL.replace("sources  = {", 'sources  = {\n    reports = { driver = "files"; path = "reports"; };', 1)
SERVERS = [servers.Lighttpd, servers.LighttpdCgi, servers.ApacheFcgid, servers.ApacheHtaccess, servers.Nginx]
KEYS = {}


def put(site, name, text):
    path = os.path.join(site.root, "reports", name)
    with open(path + ".part", "w") as f:
        f.write(text)
    os.rename(path + ".part", path)
    site.own()


def prepare(site):
    os.mkdir(os.path.join(site.root, "reports"), 0o755)
    put(site, "sales.csv", "id,day,total\n1,2026-01-01,9.5\n2,2026-01-02,7\n")
    KEYS[site] = site.key("files", "--scope", "read", "--source", "reports:SELECT")


def rows(c, sql):
    r = c.tool("reports_execute_select", {"query": sql}).result
    assert not r.get("isError"), r
    return r["structuredContent"]["results"][0]["rows"]


def error(c, sql):
    r = c.tool("reports_execute_select", {"query": sql}).result
    assert r["isError"], r
    return r["content"][0]["text"]


def test_files_are_tables(server, site):
    c = Client(server.url, KEYS[site])
    put(site, "sales.csv", "id,day,total\n1,2026-01-01,9.5\n2,2026-01-02,7\n")
    assert rows(c, "SELECT total FROM sales ORDER BY id") == [[9.5], [7]]
    assert rows(c, "SELECT count(*) FROM data") == [[2]]
    put(site, "sales.csv", "id,day,total\n1,2026-01-01,9.5\n3,2026-01-03,8.25\n")
    assert rows(c, "SELECT id, total FROM sales ORDER BY id") == [[1, 9.5], [3, 8.25]]
    put(site, "events.jsonl", '{"what":"start","n":1}\n{"what":"end","n":2}\n')
    try:
        assert rows(c, "SELECT what FROM events WHERE n = 2") == [["end"]]
        names = [t[2] for t in c.tool("get_tables", {"catalogName": "reports"}).result["structuredContent"]["results"][0]["rows"]]
        assert names == ["events", "sales"], names
    finally:
        os.unlink(os.path.join(site.root, "reports", "events.jsonl"))
    put(site, "sales.csv", 'id,day,total\n1,2026-01-01,"9.5\n')
    said = error(c, "SELECT 1 FROM sales")
    assert said.startswith("SOURCE_UNREACHABLE: sales.csv:2: a quoted value does not end"), said
    assert site.root not in said
    put(site, "sales.csv", "id,day,total\n1,2026-01-01,9.5\n")
    assert rows(c, "SELECT count(*) FROM sales") == [[1]]


def test_many_ask_for_a_fresh_file(lighttpd, site):
    put(site, "sales.csv", "id,total\n" + "".join("%d,%d.5\n" % (i, i) for i in range(20000)))

    def one(_):
        return rows(Client(lighttpd.url, KEYS[site]), "SELECT count(*) FROM sales")

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(24))) == [[[20000]]] * 24
    left = os.listdir(os.path.join(site.root, "state", "files"))
    assert sorted(left) == ["reports.db", "reports.lock", "reports.rows"], left


def test_import_tells_each_source(site):
    """One that fails stands in the list, and the others are read in."""
    put(site, "sales.csv", "id,day,total\n1,2026-01-01,9.5\n")
    site.configure(CONF.replace("reports = {", 'gone = { driver = "files"; path = "not-there"; };\n    reports = {', 1))
    try:
        r = site.ctl("import", "--json", "--config", site.conf, check=False)
        gone, reports = json.loads(r.stdout)
        assert r.returncode == 1 and gone["source"] == "gone" and gone["ok"] is False, r.stdout
        assert set(gone["error"]) >= {"code", "message"} and gone["error"]["message"] in r.stderr, (r.stdout, r.stderr)
        assert reports["source"] == "reports" and reports["ok"] is True and reports["tables"] == 1, r.stdout
        r = site.ctl("import", "gone", "--json", "--config", site.conf, check=False)
        assert r.returncode == 1 and [x["ok"] for x in json.loads(r.stdout)] == [False], r.stdout
        r = site.ctl("import", "nobody", "--json", "--config", site.conf, check=False)
        assert r.returncode == 1 and json.loads(r.stdout)[0]["error"]["code"] == "SOURCE_NOT_FOUND", r.stdout
        assert "there is no source nobody" in r.stderr, r.stderr
    finally:
        site.configure(CONF)
        site.own()
