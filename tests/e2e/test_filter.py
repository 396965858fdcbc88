# SPDX-License-Identifier: ISC
"""Narrowing the list by "tools" and "ops", and what a token sees."""
from client import Client, basic, request

TWELVE = [
    "get_catalogs", "get_schemas", "get_tables", "get_columns", "get_procedures", "get_procedure_parameters",
    "get_instructions", "execute_sql", "execute_select", "execute_insert", "execute_update", "execute_procedure",
]
ALL_VERBS = ("--scope", "read,write", "--source", "shop:ALL", "--source", "log:ALL")
KEYS = {}


def key(site, name, *options):
    if name not in KEYS:
        KEYS[name] = site.key(name, *options)
    return KEYS[name]


def names(server, token, query=""):
    return Client(server.url, token).names(query)


def test_a_token_with_every_right_sees_all_twelve(lighttpd, site):
    got = names(lighttpd, key(site, "all", *ALL_VERBS))
    assert got[:12] == TWELVE, got


def test_types_are_disjoint_and_their_union_is_the_list(lighttpd, site):
    t = key(site, "all", *ALL_VERBS)
    whole = names(lighttpd, t)
    parts = [names(lighttpd, t, "?tools=" + w) for w in ("universal", "sql", "source")]
    assert sorted(sum(parts, [])) == sorted(whole)
    assert len(set(sum(parts, []))) == len(whole)


def test_ops_picks_the_base_name_everywhere(lighttpd, site):
    got = names(lighttpd, key(site, "all", *ALL_VERBS), "?ops=get_tables")
    assert got == ["get_tables", "log_get_tables", "shop_get_tables"], got


def test_both_narrow_together(server, site):
    a = request(
        server.url + "?tools=sql&ops=execute_select",
        body=b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
        headers={"Authorization": basic(key(site, "reader"))},
    )
    assert [t["name"] for t in a.result["tools"]] == ["execute_select", "orders_of_day"], a


def test_bad_values_are_400_with_the_id(server, site):
    t = key(site, "reader")
    cases = {
        "?tools=": ("tools", ""), "?tools=Universal": ("tools", "Universal"), "?ops=bogus": ("ops", "bogus"),
        "?tools=universal,": ("tools", ""), "?tools=a,,b": ("tools", "a"), "?tools=sql,%20source": ("tools", " source"),
        "?ops=bogus&tools=unknown": ("tools", "unknown"), "?ops=get_tables+": ("ops", "get_tables "),
    }
    for query, (parameter, word) in cases.items():
        a = Client(server.url, t).call("tools/list", path=query)
        assert a.status == 400 and a.headers["content-type"] == "application/json", (query, a)
        assert a.error == {"code": -32602, "message": "Invalid value for parameter '%s': '%s'" % (parameter, word)}, (query, a)
        assert a.json["id"] == 1, a
    assert Client(server.url, t).call("ping", path="?ops=bogus").status == 400
    assert Client(server.url).call("tools/list", path="?ops=bogus").status == 400, "before a missing credential"


def test_the_first_occurrence_counts(lighttpd, site):
    assert Client(lighttpd.url, key(site, "reader")).call("tools/list", path="?tools=universal&tools=bogus").status == 200
    assert names(lighttpd, key(site, "reader"), "?tools=source&ops=execute_insert") == []


def test_calls_ignore_the_filter(lighttpd, site):
    a = Client(lighttpd.url, key(site, "reader")).tool("execute_select", {"query": "SELECT 1", "defaultCatalog": "shop"}, path="?ops=get_tables")
    assert "isError" not in a.result, a


def test_a_read_token_never_sees_a_write_tool(lighttpd, site):
    t = key(site, "reader")
    for q in ("", "?tools=sql", "?tools=source", "?ops=execute_insert,execute_update,execute_procedure"):
        bad = [n for n in names(lighttpd, t, q) if n.endswith(("_insert", "_update", "execute_procedure"))]
        assert not bad, (q, bad)
    for tool in ("execute_insert", "execute_update", "shop_execute_update", "execute_procedure", "execData", "no_such_tool"):
        a = Client(lighttpd.url, t).tool(tool, {"query": "SELECT 1"})
        assert a.error == {"code": -32602, "message": "Unknown tool: " + tool, "data": {"type": "tool_error"}}, (tool, a)
        old = Client(lighttpd.url, t, "2025-03-26").tool(tool, {"query": "SELECT 1"})
        assert old.error == {"code": -32601, "message": "Tool not found: " + tool, "data": {"type": "tool_error"}}, (tool, old)


def test_lists_are_byte_identical(lighttpd, site):
    t = key(site, "all", *ALL_VERBS)
    bodies = {Client(lighttpd.url, t).call("tools/list").body for _ in range(6)}
    assert len(bodies) == 1


def test_cheap_to_read(lighttpd, site):
    """DESIGN: a read token on one source; whole list 10,000 bytes, one tool 1,500."""
    t = key(site, "one", "--source", "log:SELECT")
    c = Client(lighttpd.url, t)
    whole = c.call("tools/list")
    assert len(whole.body) <= 10000, len(whole.body)
    one = c.call("tools/list", path="?tools=sql&ops=execute_select")
    assert len(one.body) <= 1500, len(one.body)


