# SPDX-License-Identifier: ISC
"""Keys and limits through a real server: rates, addresses, environments,
rotation, a fixed key from the environment, the audit file's rotation."""
import json
import os
import shutil

import servers
from client import Client, basic, request
from mcpsite import CONF

FIXED = "a-fixed-key-from-the-environment-0123456789"


def limits(a):
    return {k: int(v) for k, v in a.headers.items() if k.startswith("x-ratelimit-")}


def test_rate_of_a_key(server, site):
    c = Client(server.url, site.key("slow" + server.name, "--rate", "3/min"))
    seen = [c.call("tools/list") for _ in range(40)]
    granted = [a for a in seen if a.status == 200]
    refused = [a for a in seen if a.status == 429]
    assert granted and refused and len(granted) + len(refused) == 40, [a.status for a in seen]
    assert seen.index(refused[0]) == len(granted), "once over it stays over"
    for a in seen:
        assert set(limits(a)) == {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}, a.headers
    a = refused[0]
    assert a.error == {"code": -32000, "message": "Rate limit exceeded"}, a
    assert int(a.headers["retry-after"]) >= 1 and limits(a)["x-ratelimit-remaining"] == 0, a.headers
    assert "id" not in a.json


def test_a_slow_key_lets_a_client_begin(lighttpd, site):
    c = Client(lighttpd.url, site.key("opens", "--rate", "3/min"))
    for method in ("initialize", "tools/list", "resources/list", "resources/templates/list", "prompts/list", "tools/list", "ping"):
        params = {"protocolVersion": c.era, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}} if method == "initialize" else {}
        assert c.call(method, params).status == 200, method


def test_each_of_a_batch_counts(lighttpd, site):
    c = Client(lighttpd.url, site.key("heap", "--rate", "20/min"), "2025-03-26")
    batch = [{"jsonrpc": "2.0", "id": n, "method": "ping"} for n in range(20)]
    a = request(c.url, body=json.dumps(batch).encode(), headers=c.headers("ping", {}))
    codes = [m.get("error", {}).get("code") for m in json.loads(a.body)]
    assert a.status == 200 and len(codes) == 20, a
    assert codes[:10] == [None] * 10 and codes.count(-32000) >= 9, codes
    assert c.call("ping").status == 429


def test_rotation_keeps_the_rights(lighttpd, site):
    old = site.key("turner", "--source", "log:SELECT")
    new = site.ctl("key", "rotate", "turner", "--config", site.conf).stdout.strip()
    assert new != old
    assert Client(lighttpd.url, old).call("tools/list").status == 401
    assert "log_get_tables" in Client(lighttpd.url, new).names()
    assert not [n for n in Client(lighttpd.url, new).names() if n.startswith("shop_")]


def test_environment_and_address(lighttpd, site):
    c = Client(lighttpd.url, site.key("logs", "--environment", "logs"))
    assert "log_get_tables" in c.names() and not [n for n in c.names() if n.startswith("shop_")]
    assert Client(lighttpd.url, site.key("here", "--address", "127.0.0.0/8")).call("tools/list").status == 200
    assert Client(lighttpd.url, site.key("there", "--address", "192.0.2.0/24,2001:db8::/32")).call("tools/list").status == 401


def test_user_of_basic(lighttpd, site):
    t = site.key("named", "--user", "ann")
    body = b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
    for user, want in (("ann", 200), ("bob", 401)):
        a = request(lighttpd.url, body=body, headers={"Authorization": basic(t, user)})
        assert a.status == want, (user, a)


def test_write_scope_without_the_verb_and_the_reverse(lighttpd, site):
    for name, options in (("noverb", ("--scope", "read,write", "--source", "shop:SELECT")), ("noscope", ("--source", "shop:SELECT,INSERT,UPDATE"))):
        p = site.ctl("key", "create", name, "--config", site.conf, *options, check=False)
        if p.returncode != 0:
            assert p.stderr, p
            continue
        names = Client(lighttpd.url, p.stdout.strip()).names()
        assert not [n for n in names if n.endswith(("_insert", "_update"))], (name, names)


def test_fixed_key_from_the_environment(site):
    site.configure(CONF + 'key_env = "MCP_FIXED_KEY";\n')

    class WithKey(servers.Lighttpd):
        def configure(self):
            path = super().configure()
            with open(path) as f:
                text = f.read()
            return self.write(text.replace('"bin-environment" => (', '"bin-environment" => ( "MCP_FIXED_KEY" => "%s",' % FIXED))

    try:
        with WithKey(site) as s:
            c = Client(s.url, FIXED)
            assert c.select("SELECT 1").result["structuredContent"]["results"][0]["rows"] == [[1]]
            assert not [n for n in c.names() if n.endswith("_update")]
            assert Client(s.url, FIXED + "x").call("tools/list").status == 401
    finally:
        site.configure(CONF)


def test_audit_is_reopened_after_a_rename(lighttpd, site):
    c = Client(lighttpd.url, site.key("auditor"))
    assert c.select("SELECT 1").status == 200
    shutil.move(site.state("audit.jsonl"), site.state("audit.1"))
    assert c.select("SELECT 2").status == 200
    lines = [x for x in site.audit() if x.get("tool") == "execute_select"]
    assert [x["event"] for x in lines] == ["begin", "call"] and "SELECT 2" in lines[0]["sql"], lines
    os.unlink(site.state("audit.1"))


def test_denied_tools_are_in_the_audit(lighttpd, site):
    c = Client(lighttpd.url, site.key("curious"))
    c.tool("execute_update", {"query": "UPDATE orders SET total = 0 WHERE id = 1"})
    last = site.audit()[-1]
    assert last["event"] == "denied" and last["tool"] == "execute_update" and last["status"] == 200, last


def test_backup_and_gc(site):
    to = os.path.join(site.root, "copy")
    site.ctl("backup", to, "--config", site.conf)
    names = os.listdir(to)
    assert "keys.db" in names and "pepper" not in names, names
    site.ctl("gc", "--config", site.conf)


def test_usage_is_counted_from_the_audit(lighttpd, site):
    token = site.key("counted")
    c = Client(lighttpd.url, token)
    for sql in ("SELECT 1", "SELECT 2", "SELECT nothing"):
        c.select(sql)
    c.call("tools/list", {})
    said = site.ctl("usage", "--key", "counted", "--config", site.conf).stdout
    row = [line.split() for line in said.splitlines() if " counted " in line]
    assert [r[3:6] for r in row] == [["execute_select", "3", "1"], ["tools/list", "1", "0"]], said
    assert "nothing was asked in the last 30 days" in site.ctl("usage", "--tool", "nix", "--config", site.conf).stderr
