# SPDX-License-Identifier: ISC
"""Every class of bad input through every server: the named status and code,
the server alive after it, nothing of ours in the answer."""
import json

from client import META, MODERN, Client, basic, raw, request

KEYS = {}


def key(site, name="reader", *options):
    if name not in KEYS:
        KEYS[name] = site.key(name, *options)
    return KEYS[name]


def clean(server, site, answer):
    for bad in (site.dir, "/srv", "sqlite", "libfcgi", "state/"):
        assert bad.encode() not in answer.body.lower(), (bad, answer)
    assert server.alive()


def post(server, token, body, **more):
    h = {"Content-Type": "application/json", "Authorization": "Bearer " + token}
    h.update({k.replace("_", "-"): v for k, v in more.items()})
    return request(server.url, body=body if isinstance(body, bytes) else json.dumps(body).encode(), headers=h)


def test_not_json(server, site):
    deep = b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + b'{"a":' * 100 + b"1" + b"}" * 101
    for body in (
        b"", b"{", b"nonsense", b'{"jsonrpc":"2.0","id":1,"method":"ping"', b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"method":"p\xff"}', b"\xef\xbb\xbf{}", b'{"jsonrpc":"2.0","id":1e999,"method":"ping"}', b"[" * 100000,
        deep, b'{"jsonrpc":"2.0","id":' + b"1" * 400 + b',"method":"ping"}', b'{"jsonrpc":"2.0","id":1,"method":"ping"} x',
        b'{"jsonrpc":"2.0","id":1,"method":"\\ud800"}',
    ):
        a = post(server, key(site), body)
        assert a.status == 400, (body[:60], a)
        assert a.json == {"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error: invalid JSON"}}, (body[:60], a)
        clean(server, site, a)


def test_not_a_request(server, site):
    for body in (1, "x", None, {}, {"jsonrpc": "1.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "id": None, "method": "ping"},
                 {"jsonrpc": "2.0", "id": 1.5, "method": "ping"}, {"jsonrpc": "2.0", "id": [], "method": "ping"}, {"jsonrpc": "2.0", "id": 1}, {"jsonrpc": "2.0", "id": 1, "method": 5}, []):
        a = post(server, key(site), body)
        assert a.status == 400 and a.error["code"] == -32600, (body, a)
    for era in ("2025-06-18", "2025-11-25", MODERN):
        a = post(server, key(site), [{"jsonrpc": "2.0", "id": 1, "method": "ping"}], MCP_Protocol_Version=era)
        assert a.status == 400 and a.error["code"] == -32600, (era, a)
    a = post(server, key(site), [{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "method": "notifications/initialized"}])
    assert a.status == 200 and a.json == [{"jsonrpc": "2.0", "id": 1, "result": {}}], a


def test_methods_and_parameters(server, site):
    for era in ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", MODERN):
        c = Client(server.url, key(site), era)
        a = c.call("no/method")
        assert a.status == (404 if era == MODERN else 200), a
        assert a.error["code"] == -32601 and a.error["message"] == "Method not found: no/method", a
        for p in ({}, {"name": 5}, {"name": "execute_select", "arguments": []}):
            a = c.call("tools/call", p, extra={"Mcp-Name": "execute_select"} if p.get("name") == "execute_select" else None)
            if era == MODERN and p.get("name") != "execute_select":
                assert a.status in (200, 400), a
            else:
                assert a.status == 200, (era, p, a)
            assert a.error["code"] in (-32602, -32020), (era, p, a)
    a = Client(server.url, key(site)).tool("execute\0_select")
    assert a.error["message"].endswith("tool: execute?_select"), a
    a = post(server, key(site), {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []})
    assert a.status == 200 and a.error["code"] == -32602, a


def test_arguments(server, site):
    cases = [
        ({}, "query", "missing required field 'query'"),
        ({"query": 5}, "query", "field 'query' must be a string"),
        ({"query": "SELECT 1", "maxRows": "x"}, "maxRows", None),
        ({"query": "SELECT 1", "bogus": 1}, "bogus", None),
        ({"query": "SELECT 1", "timeout": 100000}, "timeout", None),
    ]
    for arguments, field, sentence in cases:
        for era in ("2025-03-26", "2025-06-18", "2025-11-25", MODERN):
            a = Client(server.url, key(site), era).tool("execute_select", arguments)
            assert a.status == 200, a
            if era < "2025-11-25":
                assert a.error["code"] == -32602 and a.error["data"] == {"type": "validation_error", "field": field}, (era, arguments, a)
                text = a.error["message"]
            else:
                assert a.result["isError"] is True and a.result["_meta"]["mcp-fcgi/error"]["code"] == "INVALID_ARGUMENT", a
                assert "structuredContent" not in a.result
                text = a.result["content"][0]["text"]
            assert ("Invalid parameters: " + (sentence or "")) in text and field in text, text


def test_modern_ladder(server, site):
    t = key(site)
    good = Client(server.url, t, MODERN)
    m = good.message("tools/list")

    def modern(message=m, **headers):
        h = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/list"}
        for k, v in headers.items():
            k = k.replace("_", "-")
            h.pop(k, None)
            if v is not None:
                h[k] = v
        return post(server, t, message, **{k.replace("-", "_"): v for k, v in h.items()})

    assert modern().status == 200
    bare = {"jsonrpc": "2.0", "id": 9, "method": "tools/list"}
    old = json.loads(json.dumps(m))
    old["params"]["_meta"][META + "protocolVersion"] = "v999.0.0"
    noclaim = json.loads(json.dumps(m))
    del noclaim["params"]["_meta"][META + "clientCapabilities"]
    for answer, code, status in (
        (modern(bare), -32602, 400),
        (modern(old, MCP_Protocol_Version="v999.0.0"), -32022, 400),
        (modern(old), -32020, 400),
        (modern(MCP_Protocol_Version=None), -32020, 400),
        (modern(Mcp_Method=None), -32020, 400),
        (modern(Mcp_Method="TOOLS/LIST"), -32020, 400),
        (modern(noclaim), -32602, 400),
    ):
        assert answer.status == status and answer.error["code"] == code and "id" in answer.json, (code, answer)
    for method in ("initialize", "ping", "logging/setLevel"):
        a = good.call(method)
        assert a.status == 404 and a.error["code"] == -32601, (method, a)
    a = good.tool("get_tables", {"catalogName": "log"}, extra={"Mcp-Name": "get_columns"})
    assert a.status == 400 and a.error["code"] == -32020, a
    a = good.tool("get_tables", {"catalogName": "log"}, extra={"Mcp-Name": "=?base64?Z2V0X3RhYmxlcw==?="})
    assert a.status == 200 and "result" in a.json, a
    a = good.tool("get_tables", {"catalogName": "log"}, extra={"Mcp-Name": "=?base64?Z2V0X3RhYmxlcw?="})
    assert a.status == 400 and a.error["code"] == -32020, a


def test_media_types(server, site):
    ping = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    t = key(site)
    assert post(server, t, ping, Content_Type="text/plain").status == 415
    assert post(server, t, ping, Content_Type="application/json; charset=utf-8").status == 200
    form = "application/x-www-form-urlencoded"
    assert post(server, t, ping, Content_Type=form).status == 200
    assert post(server, t, ping, Content_Type=form, MCP_Protocol_Version="2025-11-25").status == 415
    assert post(server, t, ping, Content_Type=form, Cookie="a=b").status == 415
    assert post(server, t, ping, Accept="image/png").status == 406
    assert post(server, t, ping, Content_Encoding="gzip").status == 415


def test_sizes(server, site):
    t = key(site)
    big = b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"' + b"a" * (1 << 20) + b'"}}'
    a = post(server, t, big)
    assert a.status == 413, a
    clean(server, site, a)
    fits = big[:55] + b"a" * ((1 << 20) - 55 - 3) + b'"}}'
    assert len(fits) == 1 << 20
    assert post(server, t, fits).status in (200, 400)
    assert post(server, t, b'{"jsonrpc":"2.0","id":1,"method":"ping"}').status == 200


def test_origin_and_host(server, site):
    ping = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    for origin in ("http://evil.example.com", "null", "http://127.0.0.1.evil.example"):
        a = post(server, key(site), ping, Origin=origin)
        assert a.status == 403, (origin, a)
    a = request(server.url, body=ping, headers={"Host": "evil.example.com", "Content-Type": "application/json"})
    assert a.status == 403, a


def test_credentials(server, site):
    ping = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    t = key(site)
    ct = ("Content-Type", "application/json")
    for value in ("Bearer", "Bearer ", "Basic !!!!", "Basic " + "A" * 40, "Digest x", "Bearer a, Bearer b", t, "Bearer " + t + "x", "Bearer " + t[:-1] + ("0" if t[-1] != "0" else "1"), "bearer " + t + " x"):
        a = request(server.url, body=ping, headers=[ct, ("Authorization", value)])
        assert a.status == 401, (value, a)
    a = request(server.url, body=ping, headers=[ct, ("Authorization", "Bearer " + t), ("Authorization", "Bearer " + t)])
    assert a.status in (400, 401), a
    for value in ("bearer " + t, "BEARER " + t, basic(t), basic(t, "")):
        assert request(server.url, body=ping, headers=[ct, ("Authorization", value)]).status == 200, value
    assert request(server.url, body=ping, headers=[ct, ("X-API-Key", t)]).status == 200
    assert request(server.url + "?token=" + t, body=b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}', headers=[ct]).status == 401


def test_url_tricks(server, site):
    root = server.url[: -len("/mcp")]
    ping = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    for path in ("/mcpx", "/mcp/../x", "/mcp/%2e%2e/x", "/mcp%00", "/mcp/connections/%2e%2e", "/mcp/nothing"):
        a = request(root + path, body=ping, headers={"Content-Type": "application/json"})
        assert a.status in (400, 403, 404), (path, a)
    assert server.alive()


def test_short_body(server, site):
    """Fewer bytes than promised: 400 or a closed connection, never a hang."""
    u = server.url.split("/")[2]
    out = raw(server.url, ("POST /mcp HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 500\r\nConnection: close\r\n\r\n{" % u).encode())
    assert out == b"" or out.split()[1] in (b"400", b"408", b"499", b"500", b"502", b"503"), out[:200]
    assert Client(server.url, key(site)).call("ping").status == 200


def test_sql_attacks_change_nothing(server, site):
    t = key(site, "writer", "--scope", "read,write", "--source", "shop:ALL", "--source", "log:ALL")
    c = Client(server.url, t)
    before = c.select("SELECT count(*), sum(total) FROM orders").body
    for sql in (
        "WITH x AS (DELETE FROM orders) SELECT 1", "/**/DELETE FROM orders", "-- c\nDELETE FROM orders", "SELECT 1; DELETE FROM orders",
        "SELECT 1\nDELETE FROM orders", "/*!DELETE FROM orders*/", "SELECT * INTO OUTFILE '/tmp/x' FROM orders", "PRAGMA writable_schema=1",
        "ATTACH '/tmp/x' AS y", "COPY orders TO '/tmp/x'", "VACUUM INTO '/tmp/mcp-vacuum'", "SELECT load_extension('x')",
        "SELECT * FROM hidden_salaries", "SELECT amount FROM sneaky", "SELECT email FROM customers", "SELECT (SELECT amount FROM hidden_salaries)",
        "SELECT * FROM pragma_database_list", "SELECT sql FROM sqlite_master", "SELECT fts3_tokenizer('simple')", "SELECT printf('%.1000000000c','x')",
    ):
        a = c.select(sql)
        assert a.status == 200 and a.result.get("isError") is True, (sql, a)
        text = a.result["content"][0]["text"]
        assert "424242" not in text and site.dir not in text, text
    for sql, value in (("SELECT 'delete; drop'", "delete; drop"), ('SELECT 1 -- drop', 1), ("SELECT name FROM customers WHERE id = 1", "Customer 1")):
        assert c.select(sql).result["structuredContent"]["results"][0]["rows"] == [[value]], sql
    assert c.select("SELECT phone FROM customers WHERE id = 1").result["structuredContent"]["results"][0]["rows"] == [["***"]]
    assert c.select("SELECT count(*), sum(total) FROM orders").body.replace(b'"id":%d' % c.next_id, b"") == before.replace(b'"id":1', b"")


def test_audit_is_whole_after_all_of_it(site):
    lines = site.audit()
    assert len(lines) > 100
    for line in lines:
        assert line["ts"].endswith("Z") and line["event"], line
    assert {"call", "denied", "auth_fail", "begin"} & {x["event"] for x in lines} >= {"call", "auth_fail", "begin"}
    with open(site.state("audit.jsonl")) as f:
        text = f.read()
    for t in KEYS.values():
        assert t not in text
