# SPDX-License-Identifier: ISC
"""The main way through every web server: a script, each revision, the page."""
import json

from client import ERAS, MODERN, Client, basic, request

TOKENS = {}


def token(site, name="alice", *options):
    if name not in TOKENS.setdefault(site, {}):
        TOKENS[site][name] = site.key(name, *options)
    return TOKENS[site][name]


def test_curl_as_a_script_author(server, site):
    """No handshake, no Accept, the type that curl -d sends."""
    body = b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
    h = {"Authorization": basic(token(site)), "Content-Type": "application/x-www-form-urlencoded"}
    a = request(server.url, body=body, headers=h)
    assert a.status == 200, a
    assert a.headers["content-type"] == "application/json", a.headers
    assert a.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in a.headers["cache-control"]
    assert a.json["id"] == 1
    assert "execute_select" in [t["name"] for t in a.result["tools"]]


def test_every_revision_lists_and_calls(server, site):
    for era in ERAS:
        c = Client(server.url, token(site), era)
        if era != MODERN:
            i = c.call("initialize", {"protocolVersion": era, "capabilities": {}, "clientInfo": {"name": "e2e", "version": "1"}})
            assert i.result["protocolVersion"] == era, i
            n = c.call("notifications/initialized", notification=True)
            assert n.status == 202 and n.body == b"", n
        else:
            d = c.call("server/discover")
            assert MODERN in d.result["supportedVersions"], d
            assert d.result["resultType"] == "complete"
        assert "get_tables" in c.names()
        r = c.select("SELECT id, total FROM orders WHERE id = @id", parameters={"id": 3}).result
        answer = json.loads(r["content"][0]["text"])
        assert answer["results"][0]["rows"] == [[3, 3.75]], r
        assert ("structuredContent" in r) == (era >= "2025-06-18")
        if "structuredContent" in r:
            assert r["structuredContent"] == answer
        assert ("resultType" in r) == (era == MODERN)


def test_handshake_is_open_and_a_bad_token_is_not(server):
    c = Client(server.url)
    assert c.call("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}).status == 200
    assert c.call("ping").result == {}
    a = c.call("tools/list")
    assert a.status == 401, a
    assert a.headers["www-authenticate"].startswith("Bearer"), a.headers
    assert a.error == {"code": -32001, "message": "Unauthorized: invalid or missing access token", "data": {"type": "authentication_error"}}, a
    for bad in ("nonsense", "mcpk_000000000000_" + "A" * 49):
        b = Client(server.url, bad).call("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}})
        assert b.status == 401, b
        assert "id" not in b.json, b


def test_methods_of_http(server):
    a = request(server.url, "GET", headers={"Accept": "text/event-stream"})
    assert a.status == 405 and a.headers["allow"] == "POST", a
    for method in ("DELETE", "PUT", "PATCH"):
        a = request(server.url, method)
        assert a.status == 405, (method, a)
    a = request(server.url, "GET", headers={"Accept": "application/json"})
    assert a.status == 200 and a.json, a
    a = request(server.url, "HEAD", headers={"Accept": "*/*"})
    assert a.status == 200 and a.body == b"", a


def test_page_for_a_person(server):
    a = request(server.url, "GET", headers={"Accept": "text/html,application/xhtml+xml"})
    assert a.status == 200 and a.headers["content-type"].startswith("text/html"), a
    assert "default-src 'none'" in a.headers["content-security-policy"], a.headers
    assert "frame-ancestors 'none'" in a.headers["content-security-policy"], a.headers
    assert b"execute_select" not in a.body, "no tool names without a token"
    assert b"Authorization" in a.body


def test_paths_that_are_not_ours(server, site):
    c = Client(server.url, token(site))
    for path, want in (("x", 404), ("/connections/nowhere", 404), ("/connections/No-Id", 400), ("/toolkits/none", 404), ("/other", 404)):
        a = c.call("tools/list", path=path)
        assert a.status == want, (path, a)
    # Without a token nobody learns which names there are.
    for there, not_there in (("/connections/log", "/connections/nowhere"), ("/toolkits/small", "/toolkits/none")):
        for method in ("initialize", "ping", "tools/list"):
            params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}} if method == "initialize" else {}
            a, b = (Client(server.url).call(method, params, path=p) for p in (there, not_there))
            assert (a.status, a.body) == (b.status, b.body), (method, a, b)
        a, b = (request(server.url + p, "GET") for p in (there, not_there))
        assert a.status == b.status == 200 and a.body == b.body, (a, b)
        assert request(server.url + there, "DELETE").status == request(server.url + not_there, "DELETE").status
    root = server.url[: -len("/mcp")]
    a = request(root + "/.well-known/oauth-protected-resource/mcp", "GET")
    assert a.status == 404 and a.headers["content-type"].startswith("application/json"), a


def test_one_source_and_one_toolkit_by_path(server, site):
    c = Client(server.url, token(site))
    names = c.names("/connections/log")
    assert "get_catalogs" not in names and "log_get_tables" in names, names
    assert not [n for n in names if n.startswith("shop_")], names
    a = c.tool("execute_select", {"query": "SELECT count(*) FROM events"}, path="/connections/log")
    assert a.result["structuredContent"]["results"][0]["rows"] == [[50]], a
    assert sorted(c.names("/toolkits/small")) == ["execute_select", "orders_of_day"]


def test_source_seen_only_with_rights(server, site):
    c = Client(server.url, token(site, "shoponly", "--source", "shop:SELECT"))
    assert not [n for n in c.names() if n.startswith("log_")]
    a = c.tool("execute_select", {"query": "SELECT 1", "defaultCatalog": "log"})
    assert a.result["isError"] and a.result["content"][0]["text"].startswith("SOURCE_NOT_FOUND"), a


def test_revoked_at_once(server, site):
    name = "leaver" + server.name
    t = site.key(name)
    c = Client(server.url, t)
    assert c.call("tools/list").status == 200
    site.ctl("key", "revoke", name, "--config", site.conf)
    site.own()
    assert c.call("tools/list").status == 401
    assert server.alive()


def test_sse_when_only_sse_is_taken(server, site):
    c = Client(server.url, token(site), Accept="text/event-stream")
    a = c.select("SELECT 1 AS one")
    assert a.status == 200 and a.headers["content-type"].startswith("text/event-stream"), a
    assert len(a.events) == 1 and a.events[0]["result"]["structuredContent"]["results"][0]["rows"] == [[1]], a
