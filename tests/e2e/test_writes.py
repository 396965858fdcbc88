# SPDX-License-Identifier: ISC
"""Writing: one transaction, a cap, a dry run, the token's verbs."""
from client import Client

KEYS = {}


def client(lighttpd, site, *options, name="desk"):
    if name not in KEYS:
        KEYS[name] = site.key(name, "--scope", "read,write", *(options or ("--source", "shop:SELECT,INSERT,UPDATE")))
    return Client(lighttpd.url, KEYS[name])


def affected(answer):
    assert "isError" not in answer.result, answer
    return answer.result["structuredContent"]["results"][0]["affectedRows"]


def refused(answer, code):
    assert answer.result["isError"] is True, answer
    text = answer.result["content"][0]["text"]
    assert text.startswith(code + ": "), text
    return text


def rows(c, sql):
    return c.select(sql).result["structuredContent"]["results"][0]["rows"]


def test_insert_update_and_dry_run(lighttpd, site):
    c = client(lighttpd, site)
    run = lambda tool, sql, **more: c.tool(tool, {"query": sql, "defaultCatalog": "shop", **more})  # noqa: E731
    n = rows(c, "SELECT count(*) FROM orders")[0][0]
    a = run("execute_insert", "INSERT INTO orders (customer_id, day, total) VALUES (@c, @d, @t) RETURNING id, total", parameters={"c": 1, "@d": "2026-01-01", "t": {"dataType": 11, "value": 9.5}})
    assert affected(a) == 1 and a.result["structuredContent"]["results"][0]["rows"][0][1] == 9.5, a
    assert rows(c, "SELECT count(*) FROM orders") == [[n + 1]]
    a = run("execute_update", "UPDATE orders SET total = 0 WHERE id <= 10", dryRun=True)
    assert affected(a) == 10 and "rolled back" in a.result["structuredContent"]["notices"][0], a
    assert rows(c, "SELECT total FROM orders WHERE id = 4") == [[5]]
    assert affected(run("execute_update", "UPDATE orders SET note = 'seen' WHERE id <= 10")) == 10
    assert rows(c, "SELECT note FROM orders WHERE id = 4") == [["seen"]]


def test_no_update_without_where(lighttpd, site):
    c = client(lighttpd, site)
    q = {"query": "UPDATE customers SET country = 'XX'", "defaultCatalog": "shop"}
    refused(c.tool("execute_update", q), "STATEMENT_NOT_ALLOWED")
    assert affected(c.tool("execute_update", {**q, "allowAllRows": True, "dryRun": True})) == 100


def test_more_rows_than_the_cap_are_rolled_back(lighttpd, site):
    c = client(lighttpd, site)
    text = refused(c.tool("execute_update", {"query": "UPDATE orders SET note = 'all' WHERE id > 0", "defaultCatalog": "shop"}), "TOO_LARGE")
    assert "1000" in text, text
    assert rows(c, "SELECT count(*) FROM orders WHERE note = 'all'") == [[0]]


def test_wrong_class_for_the_tool(lighttpd, site):
    c = client(lighttpd, site)
    for tool, sql in (
        ("execute_insert", "UPDATE orders SET note = 'x' WHERE id = 1"), ("execute_insert", "INSERT OR REPLACE INTO orders (id, customer_id, day) VALUES (1, 1, '')"),
        ("execute_insert", "REPLACE INTO orders (id, customer_id, day) VALUES (1, 1, '')"), ("execute_insert", "INSERT INTO orders (id, customer_id, day) VALUES (1, 1, '') ON CONFLICT DO UPDATE SET day = ''"),
        ("execute_update", "DELETE FROM orders WHERE id = 1"), ("execute_update", "SELECT 1"), ("execute_select", "DELETE FROM orders"), ("execute_update", "CREATE TABLE x (y)"),
    ):
        refused(c.tool(tool, {"query": sql, "defaultCatalog": "shop"}), "STATEMENT_NOT_ALLOWED")
    refused(c.tool("execute_sql", {"query": "DELETE FROM orders WHERE id = 1", "defaultCatalog": "shop"}), "PERMISSION_DENIED")


def test_verbs_of_the_token(lighttpd, site):
    c = client(lighttpd, site, "--source", "shop:ALL", "--source", "log:ALL", name="all")
    assert affected(c.tool("execute_sql", {"query": "DELETE FROM orders WHERE id = 2000", "defaultCatalog": "shop"})) == 1
    text = c.tool("execute_sql", {"query": "DELETE FROM events WHERE id = 1", "defaultCatalog": "log"}).result["content"][0]["text"]
    assert text.startswith(("READ_ONLY: ", "PERMISSION_DENIED: ")), text
    assert rows(c, "SELECT 1") == [[1]]


def test_constraint(lighttpd, site):
    c = client(lighttpd, site)
    refused(c.tool("execute_insert", {"query": "INSERT INTO orders (id, customer_id, day) VALUES (1, 1, '2026-01-01')", "defaultCatalog": "shop"}), "CONSTRAINT_VIOLATION")


def test_values_to_the_digit(lighttpd, site):
    c = client(lighttpd, site)
    got = rows(c, "SELECT big, dec, raw, txt, flag, real FROM kinds ORDER BY id")
    assert got == [
        ["9007199254740993", 10.5, "AP8Q", 'it\'s "quoted" \\ back\nline', True, 0.1],
        ["-9223372036854775808", None, "", "", False, 1e300],
    ], got


def test_truncation_and_cursor(lighttpd, site):
    c = client(lighttpd, site)
    seen, cursor = [], None
    while True:
        q = {"query": "SELECT id FROM orders ORDER BY id", "defaultCatalog": "shop", "maxRows": 700}
        if cursor:
            q["cursor"] = cursor
        s = c.tool("execute_select", q).result["structuredContent"]
        seen += [r[0] for r in s["results"][0]["rows"]]
        cursor = s.get("nextCursor")
        assert bool(cursor) == s.get("truncated", False), s.keys()
        if not cursor:
            break
    assert seen == sorted(set(seen)) and len(seen) == rows(c, "SELECT count(*) FROM orders")[0][0]
    refused(c.tool("execute_select", {"query": "SELECT id FROM orders ORDER BY id", "defaultCatalog": "shop", "cursor": "AAAA"}), "CURSOR_INVALID")
    thousand = c.select("SELECT id FROM orders WHERE id <= 1000").result["structuredContent"]
    assert "truncated" not in thousand and thousand["rowsReturned"] == 1000
    more = c.select("SELECT id FROM orders WHERE id <= 1001").result["structuredContent"]
    assert more["truncated"] is True and more["truncationReason"] == "rows" and more["rowsReturned"] == 1000
