# SPDX-License-Identifier: ISC
"""Every kind of answer, in every revision, against the schema file of that
revision; structured content against the outputSchema of its tool."""
import json

import schema_check
from client import ERAS, MODERN, Client

CALLS = [
    ("get_catalogs", {}), ("get_schemas", {}), ("get_tables", {}), ("get_columns", {"tableName": "orders"}),
    ("get_procedures", {}), ("get_procedure_parameters", {"procedureName": "none"}),
    ("get_instructions", {"catalogName": "shop"}), ("execute_sql", {"query": "SELECT 1", "defaultCatalog": "shop"}),
    ("execute_select", {"query": "SELECT * FROM kinds", "defaultCatalog": "shop"}),
    ("execute_select", {"query": "SELECT * FROM orders", "defaultCatalog": "shop"}),
    ("execute_select", {"query": "SELECT nothing", "defaultCatalog": "shop"}),
    ("execute_select", {"query": 7}), ("execute_select", {}), ("execute_select", {"query": "SELECT 1", "x": 1}),
    ("execute_select", {"query": "DELETE FROM orders", "defaultCatalog": "shop"}),
    ("query_source", {"sql": "SELECT id, total FROM orders LIMIT 2", "source_name": "shop"}), ("query_source", {}),
    ("validate_sql", {"statement": "SELECT id FROM orders", "catalog": "shop"}),
    ("validate_sql", {"statement": "SELECT", "catalog": "shop"}),
    ("explain_sql", {"statement": "SELECT id FROM orders", "catalog": "shop", "include_plan": True}),
    ("orders_of_day", {"day": "2026-02-02"}), ("orders_of_day", {}), ("shop_get_tables", {}),
    ("shop_execute_select", {"query": "SELECT 1"}), ("no_such_tool", {}),
]


def fits(era, message, method, what):
    complaints = schema_check.check_message(era, message, method)
    assert not complaints, (era, what, complaints, json.dumps(message)[:1500])


def client(lighttpd, site, era):
    if not hasattr(site, "schema_key"):
        site.schema_key = site.key("schema", "--scope", "read,write", "--source", "shop:ALL", "--source", "log:ALL")
    return Client(lighttpd.url, site.schema_key, era)


def test_handshake_and_lists(lighttpd, site):
    for era in ERAS:
        c = client(lighttpd, site, era)
        if era == MODERN:
            first = [("server/discover", {})]
        else:
            first = [("ping", {}), ("initialize", {"protocolVersion": era, "capabilities": {},
                                                   "clientInfo": {"name": "c", "version": "1"}})]
        for method, params in first + [("tools/list", {})]:
            a = c.call(method, params)
            assert a.status == 200, a
            fits(era, a.json, method, method)
            fits(era, c.call(method, params, extra={"Accept": "text/event-stream"}).events[-1], method, "as an event")


def test_calls(lighttpd, site):
    results = failed = 0
    for era in ERAS:
        c = client(lighttpd, site, era)
        tools = {t["name"]: t for t in c.call("tools/list").result["tools"]}
        for name, arguments in CALLS:
            a = c.tool(name, arguments)
            assert a.status == 200, a
            fits(era, a.json, "tools/call", (name, arguments))
            result = a.json.get("result")
            if result is None:
                continue
            results += 1
            failed += result.get("isError", False)
            structured = result.get("structuredContent")
            wanted = era >= "2025-06-18" and "outputSchema" in tools.get(name, {}) and not result.get("isError")
            assert (structured is not None) == wanted, (era, name, a)
            if wanted:
                complaints = schema_check.check_value(structured, tools[name]["outputSchema"])
                assert not complaints, (era, name, complaints)
    assert results > 100 and failed > 10, (results, failed)


def test_errors(lighttpd, site):
    for era in ERAS:
        c = client(lighttpd, site, era)
        for method, params in (("no/such", {}), ("tools/call", {}), ("tools/call", {"name": 7}),
                               ("tools/call", {"name": "execute_select", "arguments": []}), ("tools/list", {"cursor": "x"}),
                               ("tools/list", {"cursor": 7})):
            a = c.call(method, params)
            assert "error" in a.json, a
            fits(era, a.json, method, (method, params))
        fits(era, c.call("tools/list", path="?tools=x").json, "tools/list", "filter")
        fits(era, Client(lighttpd.url, None, era).call("tools/list").json, "tools/list", "no key")
    c = client(lighttpd, site, MODERN)
    for extra, code in (({"Mcp-Method": "x"}, -32020), ({"MCP-Protocol-Version": "2027-01-01"}, -32020)):
        a = c.call("tools/list", extra=extra)
        assert a.status == 400 and a.error["code"] == code, a
        fits(MODERN, a.json, "tools/list", extra)
    old = client(lighttpd, site, "2025-11-25").call("tools/list", extra={"MCP-Protocol-Version": "2020-01-01"})
    assert old.error["data"]["requested"] == "2020-01-01", old
    fits(MODERN, old.json, "tools/list", "version")


def test_progress(lighttpd, site):
    slow = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000000) "
            "SELECT count(*) FROM n")
    for era in (ERAS[0], "2025-06-18", MODERN):
        c = client(lighttpd, site, era)
        a = c.tool("execute_select", {"query": slow, "defaultCatalog": "shop", "timeout": 3},
                   meta={"progressToken": "t-1"})
        assert a.headers["content-type"].startswith("text/event-stream"), a
        assert len(a.events) > 1, a
        for e in a.events[:-1]:
            fits(era, e, None, "progress")
            assert e["params"]["progressToken"] == "t-1", e
        seen = [e["params"]["progress"] for e in a.events[:-1]]
        assert seen == sorted(set(seen)), seen
        fits(era, a.events[-1], "tools/call", "the last event")


def test_last_words(lighttpd, site):
    """One function that cannot be interrupted: the prepared answer arrives,
    in the form and the words of one that could."""
    hard = ("WITH RECURSIVE s(x) AS (SELECT 'aaaaaaa' UNION ALL SELECT x || x FROM s WHERE length(x) < 900000) "
            "SELECT " + " + ".join("instr(max(x), substr(max(x), 1, length(max(x)) / 2) || '%s')" % c for c in "bcdefghijklm") + " FROM s")
    soft = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    for era in ("2025-03-26", MODERN):
        c = client(lighttpd, site, era)
        told = [c.tool("execute_select", {"query": q, "defaultCatalog": "shop", "timeout": 1}) for q in (hard, soft)]
        for a in told:
            assert a.status == 200, a
            fits(era, a.json, "tools/call", "timeout")
        assert told[0].result == told[1].result, told
        assert told[0].result["_meta"]["mcp-fcgi/error"]["code"] == "TIMEOUT", told
