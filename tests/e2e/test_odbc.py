# SPDX-License-Identifier: ISC
"""Sources behind ODBC, through the real servers and inside of the sandbox: a
PostgreSQL as an account that can only read and as one that may write, and a
file of SQLite."""
import glob
import os
import sqlite3

import pgserver
import servers
from client import Client
from mcpsite import CONF as USUAL
from run import Skip
from sqltool import error, result

HERE = os.path.dirname(os.path.abspath(__file__))
HARDENING = os.path.join(HERE, "..", "..", "examples", "hardening-pgsql.sql")
SERVERS = [servers.Lighttpd, servers.ApacheFcgid]
RUNNING = []
KEYS = {}

SHOP = """
CREATE TABLE customers (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE orders (id bigint PRIMARY KEY, customer integer REFERENCES customers, total numeric(10,2), at timestamptz);
INSERT INTO customers SELECT i, 'Kundé 😀 ' || i FROM generate_series(1, 50) i;
INSERT INTO orders SELECT i, i % 50 + 1, i * 1.25, '2026-01-01 00:00+00'::timestamptz + i * interval '1 hour' FROM generate_series(1, 2000) i;
CREATE FUNCTION double_of(n integer) RETURNS integer STABLE LANGUAGE sql AS 'SELECT 2 * n';
CREATE ROLE mcp_write LOGIN;
GRANT ALL ON ALL TABLES IN SCHEMA public TO mcp_write;
"""


def driver(name):
    found = glob.glob("/usr/lib/*/odbc/" + name)
    return found[0] if found else None


def prepare(site):
    pgsql, lite = driver("psqlodbcw.so"), driver("libsqlite3odbc.so")
    if pgserver.programs() is None or pgsql is None or lite is None:
        return
    pg = pgserver.Postgres()
    RUNNING.append(pg)
    pg.psql("postgres", "CREATE DATABASE shop")
    pg.psql("shop", SHOP)
    pg.psql("shop", "", "-v", "role=mcp_read", "-v", "schema=public", "-f", HARDENING)
    file = os.path.join(pg.dir, "odbc.db")
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE notes (id integer PRIMARY KEY, text varchar(40))")
        db.execute("INSERT INTO notes VALUES (1, 'grüße 😀')")
    db.close()
    at = 'driver = "odbc"; trusted_role = true; dsn = "Driver=%s;Servername=%s;Port=%d;Database=shop";' % (pgsql, pg.dir, pg.port)
    site.configure(USUAL.replace("sources  = {", """sources  = {
    any = { %s user = "mcp_read"; about = "Orders"; };
    desk = { %s user = "mcp_write"; readonly = false; };
    note = { driver = "odbc"; trusted_role = true; dsn = "Driver=%s;Database=%s"; path = "%s"; };
    gone = { driver = "odbc"; trusted_role = true; dsn = "Driver=%s;Servername=127.0.0.1;Port=1;Database=x"; user = "somebody"; };""" % (at, at, lite, file, file, pgsql), 1))
    KEYS[site] = site.key("odbc", "--scope", "read,write", "--source", "any:SELECT", "--source", "desk:ALL", "--source", "note:SELECT", "--source", "gone:SELECT")


def client(server, site):
    if not RUNNING:
        raise Skip("no PostgreSQL with odbc-postgresql and libsqliteodbc is installed here")
    return Client(server.url, KEYS[site])


def finish():
    for pg in RUNNING:
        pg.close()


def test_reads_and_metadata(server, site):
    c = client(server, site)
    assert result(c, "any_execute_select", query="SELECT id, total, at FROM orders WHERE id = @id", parameters={"id": 3})["rows"] == [[3, "3.75", "2026-01-01T03:00:00Z"]]
    assert result(c, "any_execute_select", query="SELECT name FROM customers WHERE name = @name", parameters={"name": "Kundé 😀 7"})["rows"] == [["Kundé 😀 7"]]
    assert error(c, "any_execute_select", query="SELECT nam FROM customers").startswith("COLUMN_NOT_FOUND")
    assert [t[2:4] for t in result(c, "any_get_tables")["rows"]] == [["customers", "TABLE"], ["orders", "TABLE"]]
    columns = {r[3]: r for r in result(c, "any_get_columns", tableName="orders")["rows"]}
    assert columns["customer"][12] == "public.customers.id" and columns["id"][11] == "PRI" and columns["total"][7:9] == [10, 2], columns
    r = c.tool("explain_sql", {"catalog": "any", "statement": "SELECT * FROM orders WHERE total = 7"}).result["structuredContent"]
    assert r["tables"][0]["table_name"] == "orders" and r["tables"][0]["access"] == "scan", r
    r = c.tool("explain_sql", {"catalog": "any", "statement": "SELECT total FROM orders WHERE id = @x"}).result["structuredContent"]
    assert r["tables"][0]["table_name"] == "orders" and r["tables"][0]["access"] == "index", r
    for name in ("[any].[public].[orders]", "`any`.`public`.`orders`", '"any"."public"."orders"', "any.[public].orders"):
        assert result(c, "any_execute_select", query="SELECT o.id FROM %s o WHERE o.id = @id" % name, parameters={"id": 3})["rows"] == [[3]], name
    assert result(c, "any_execute_select", query="SELECT @b", parameters={"b": True})["rows"] == [[True]]
    r = c.tool("validate_sql", {"catalog": "any", "statement": "SELECT nosuch FROM orders"}).result["structuredContent"]
    assert r["valid"] is False, r
    assert "ODBC" in result(c, "get_instructions", catalogName="any")["rows"][0][1]


def test_a_file_behind_odbc(server, site):
    c = client(server, site)
    assert result(c, "note_execute_select", query="SELECT id, text FROM notes WHERE text LIKE '%😀'")["rows"] == [[1, "grüße 😀"]]
    assert error(c, "note_execute_select", query="DELETE FROM notes")
    assert result(c, "note_execute_select", query="SELECT count(*) FROM notes")["rows"] == [[1]]


def test_long_results_are_cut_and_go_on(server, site):
    c = client(server, site)
    r = c.tool("any_execute_select", {"query": "SELECT id FROM orders ORDER BY id"}).result["structuredContent"]
    assert r["rowsReturned"] == 1000 and r["truncated"] is True, r["rowsReturned"]
    r = c.tool("any_execute_select", {"query": "SELECT id FROM orders ORDER BY id", "cursor": r["nextCursor"]}).result["structuredContent"]
    assert r["results"][0]["rows"][0] == [1001] and not r.get("truncated"), r["rowsReturned"]


def test_nothing_is_written_by_a_reader(server, site):
    c = client(server, site)
    before = RUNNING[0].psql("shop", "SELECT md5(string_agg(o::text, '' ORDER BY id)) FROM orders o")
    for sql in ("DELETE FROM orders", "WITH x AS (DELETE FROM orders RETURNING 1) SELECT * FROM x", "SELECT 1; DELETE FROM orders", "SELECT $$'$$; DELETE FROM orders; --'", "{call double_of(1)}", "SELECT pg_read_file('/etc/passwd')"):
        error(c, "any_execute_select", query=sql)
    assert RUNNING[0].psql("shop", "SELECT md5(string_agg(o::text, '' ORDER BY id)) FROM orders o") == before


def test_writes_and_procedures(server, site):
    c = client(server, site)
    r = result(c, "desk_execute_update", query="UPDATE orders SET total = 0.10 WHERE id = 5")
    assert r["affectedRows"] == 1
    assert result(c, "desk_execute_select", query="SELECT total FROM orders WHERE id = 5")["rows"] == [["0.10"]]
    result(c, "desk_execute_update", query="UPDATE orders SET total = 1 WHERE id = 5", dryRun=True)
    assert result(c, "desk_execute_select", query="SELECT total FROM orders WHERE id = 5")["rows"] == [["0.10"]]
    result(c, "desk_execute_update", query="UPDATE orders SET total = 6.25 WHERE id = 5")
    assert error(c, "desk_execute_update", query="UPDATE orders SET total = 0 WHERE id > 0").startswith("TOO_LARGE")
    assert error(c, "desk_execute_insert", query="INSERT INTO orders (id) VALUES (1)").startswith("CONSTRAINT_VIOLATION")
    r = c.tool("desk_execute_procedure", {"procedure": "double_of", "parameters": {"n": 21}}).result["structuredContent"]
    assert r["results"][0]["rows"] == [[42]], r


def test_time_is_kept_at_the_server(server, site):
    c = client(server, site)
    assert error(c, "desk_execute_select", query="SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 10000000) b", timeout=1).startswith("TIMEOUT")
    assert RUNNING[0].psql("shop", "SELECT count(*) FROM pg_stat_activity WHERE usename = 'mcp_write' AND state = 'active'") == "0"
    assert result(c, "desk_execute_select", query="SELECT 1")["rows"] == [[1]]


def test_a_source_that_is_away(server, site):
    c = client(server, site)
    assert error(c, "gone_execute_select", query="SELECT 1").startswith("SOURCE_UNREACHABLE")
    assert result(c, "any_execute_select", query="SELECT 1")["rows"] == [[1]]


def test_a_restarted_server_is_used_again(lighttpd, site):
    c = client(lighttpd, site)
    for _ in range(4):
        assert result(c, "any_execute_select", query="SELECT count(*) FROM orders")["rows"] == [[2000]]
    RUNNING[0].kill()
    assert error(c, "any_execute_select", query="SELECT 1").startswith("SOURCE_UNREACHABLE")
    RUNNING[0].start()
    for _ in range(4):
        assert result(c, "any_execute_select", query="SELECT count(*) FROM orders")["rows"] == [[2000]]


def test_the_doctor_says_what_to_look_at(lighttpd, site):
    client(lighttpd, site)
    r = site.ctl("doctor", "--config", site.conf, check=False)
    assert any("any: what the account may do cannot be read through ODBC" in line for line in r.stdout.splitlines()), r.stdout
