# SPDX-License-Identifier: ISC
"""PostgreSQL as a source, through the real servers and inside of the sandbox:
a read-only account of hardening-pgsql.sql, and one that may write."""
import os
import subprocess

import pgserver
import servers
from client import Client
from mcpsite import CONF as USUAL
from run import Skip
from sqltool import error, result

HERE = os.path.dirname(os.path.abspath(__file__))
HARDENING = os.path.join(HERE, "..", "..", "examples", "hardening-pgsql.sql")
SERVERS = [servers.Lighttpd, servers.LighttpdCgi, servers.ApacheFcgid, servers.Nginx]
RUNNING = []
KEYS = {}

SHOP = """
CREATE TABLE customers (id integer PRIMARY KEY, name varchar(40) NOT NULL, email text UNIQUE, phone text);
COMMENT ON TABLE customers IS 'Who buys';
CREATE TABLE orders (id bigint PRIMARY KEY, customer integer REFERENCES customers, total numeric(10,2), at timestamptz, tags text[]);
CREATE TABLE hidden_pay (id integer, amount integer);
INSERT INTO customers SELECT i, 'Customer ' || i, 'c' || i || '@x', '555-' || i FROM generate_series(1, 50) i;
INSERT INTO orders SELECT i, i % 50 + 1, i * 1.25, '2026-01-01 00:00+00'::timestamptz + i * interval '1 hour', ARRAY['a', 'b'] FROM generate_series(1, 2000) i;
INSERT INTO hidden_pay VALUES (1, 424242);
CREATE FUNCTION total_of(customer integer) RETURNS numeric STABLE LANGUAGE sql AS 'SELECT sum(total) FROM orders o WHERE o.customer = total_of.customer';
CREATE ROLE mcp_write LOGIN;
GRANT ALL ON ALL TABLES IN SCHEMA public TO mcp_write;
ANALYZE;
"""


def prepare(site):
    if pgserver.programs() is None:
        return
    pg = pgserver.Postgres()
    RUNNING.append(pg)
    pg.psql("postgres", "CREATE DATABASE shop")
    pg.psql("shop", SHOP)
    pg.psql("shop", "", "-v", "role=mcp_read", "-v", "schema=public", "-f", HARDENING)
    at = 'driver = "pgsql"; socket = "%s"; port = %d; database = "shop";' % (pg.dir, pg.port)
    site.configure(USUAL.replace("sources  = {", """sources  = {
    pg = { %s user = "mcp_read"; about = "Orders"; deny = [ "hidden_*", "customers.email" ]; mask = [ "customers.phone" ]; };
    desk = { %s user = "mcp_write"; readonly = false; data_table = "orders"; };
    see = { %s user = "mcp_write"; };
    gone = { driver = "pgsql"; host = "127.0.0.1"; port = 1; database = "x"; user = "somebody"; tls = "off"; };""" % (at, at, at), 1).replace("tools = {", """tools = {
    orders_of = {
        source = "pg";
        about  = "How many orders there are";
        sql    = "SELECT count(*) FROM orders WHERE (@customer IS NULL OR customer = @customer) AND (@since IS NULL OR at >= @since)";
        params = { customer = { type = "integer"; about = "Of whom"; }; since = { type = "string"; about = "From when"; }; };
    };""", 1))
    KEYS[site] = site.key("pg", "--scope", "read,write", "--source", "pg:SELECT", "--source", "desk:ALL", "--source", "gone:SELECT")


def client(server, site):
    if not RUNNING:
        raise Skip("no PostgreSQL is installed here")
    return Client(server.url, KEYS[site])


def finish():
    for pg in RUNNING:
        pg.close()


def test_reads_and_metadata(server, site):
    c = client(server, site)
    assert result(c, "pg_execute_select", query="SELECT id, total, at, tags FROM orders WHERE id = @id", parameters={"id": 3})["rows"] == [[3, "3.75", "2026-01-01T03:00:00Z", "{a,b}"]]
    assert result(c, "pg_execute_select", query="SELECT * FROM customers WHERE id = 1")["rows"] == [[1, "Customer 1", "***"]]
    assert error(c, "pg_execute_select", query="SELECT email FROM customers").startswith("COLUMN_NOT_FOUND")
    assert error(c, "pg_execute_select", query="SELECT * FROM hidden_pay").startswith("TABLE_NOT_FOUND")
    tables = result(c, "pg_get_tables")["rows"]
    assert [t[2:6] for t in tables] == [["customers", "TABLE", "Who buys", 50], ["orders", "TABLE", None, 2000]], tables
    columns = {r[3]: r for r in result(c, "pg_get_columns", tableName="orders")["rows"]}
    assert columns["customer"][12] == "public.customers.id" and columns["id"][11] == "PRI" and columns["total"][7:9] == [10, 2], columns
    r = c.tool("explain_sql", {"catalog": "pg", "statement": "SELECT * FROM orders WHERE id = 7"}).result["structuredContent"]
    assert r["tables"][0]["table_name"] == "orders" and r["tables"][0]["access"] == "index" and "index" not in r["tables"][0], r


def check(c, catalog, statement):
    r = c.tool("validate_sql", {"catalog": catalog, "statement": statement}).result
    assert not r.get("isError"), r
    return r["structuredContent"]


def test_writes_are_checked(server, site):
    """A right write is valid whoever asks; a notice says what the token lacks."""
    c = client(server, site)
    before = RUNNING[0].psql("shop", "SELECT md5(string_agg(o::text, '' ORDER BY id)) FROM orders o")
    for statement in ("UPDATE orders SET total = @t WHERE id = 1", "INSERT INTO orders (id, total) VALUES (@id, 1)", "INSERT INTO orders (id) SELECT id FROM orders", "DELETE FROM orders WHERE id = 1", "INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET total = 1 RETURNING id"):
        for catalog in ("desk", "pg"):
            r = check(c, catalog, statement)
            assert r["valid"] is True and (catalog == "desk") == ("notices" not in r), (catalog, statement, r)
    for statement, word in (("UPDATE order_s SET total = 1", "table: order_s"), ("UPDATE orders SET totl = 1 WHERE id = 1", "column: totl"), ("DELETE FROM orders WHERE nosuch = 1", "column: nosuch"), ("INSERT INTO orders (nosuch) VALUES (1)", "column: nosuch"), ("INSERT INTO orders (id) SELECT nosuch FROM orders", "column: nosuch"), ("UPDATE orders SET", "syntax error")):
        for catalog in ("desk", "pg"):
            r = check(c, catalog, statement)
            assert r["valid"] is False and word in r["error"], (catalog, statement, r)
    assert "procedure" in check(c, "desk", "CALL send_two(1)")["error"]
    for statement in ("UPDATE customers SET name = 'q' WHERE email < 'd'", "INSERT INTO customers (id, email) VALUES (1, 'x')", "DELETE FROM customers WHERE nosuch = 1"):
        assert check(c, "pg", statement)["error"] == "customers has hidden or masked columns: a write cannot name it", check(c, "pg", statement)
    assert check(c, "desk", "EXPLAIN SELECT * FROM orders")["valid"] is True
    assert check(c, "pg", "EXPLAIN SELECT * FROM orders")["valid"] is False
    assert RUNNING[0].psql("shop", "SELECT md5(string_agg(o::text, '' ORDER BY id)) FROM orders o") == before


def test_plans(server, site):
    c = client(server, site)

    def plan(catalog, statement):
        r = c.tool("explain_sql", {"catalog": catalog, "statement": statement}).result
        assert not r.get("isError"), r
        return [(t["table_name"], t["access"], t.get("index")) for t in r["structuredContent"]["tables"]]

    for catalog, index in (("desk", "orders_pkey"), ("pg", None)):
        assert plan(catalog, "SELECT * FROM orders o WHERE o.id = @id") == [("orders", "index", index)]
        assert plan(catalog, "SELECT * FROM customers AS x WHERE x.name = @name LIMIT @a OFFSET @b") == [("customers", "scan", None)]
        assert plan(catalog, "SELECT * FROM orders WHERE @id IS NULL OR customer = @id") == [("orders", "scan", None)]
    assert plan("desk", "UPDATE orders SET total = @t WHERE id = @id")[-1] == ("orders", "index", "orders_pkey")
    rows = result(c, "desk_execute_sql", query="EXPLAIN SELECT * FROM orders WHERE id = @id", parameters={"id": 7})["rows"]
    assert "orders_pkey" in rows[0][0], rows
    assert error(c, "pg_execute_sql", query="EXPLAIN SELECT email FROM customers").startswith("STATEMENT_NOT_ALLOWED: EXPLAIN is not available")


def test_filters_can_be_left_out(server, site):
    c = client(server, site)
    query = "SELECT count(*) FROM orders WHERE (@customer IS NULL OR customer = @customer) AND (@since IS NULL OR at >= @since)"
    for customer, since, n in ((None, None, 2000), (1, None, 40), ("1", "2026-01-01T00:00:00Z", 40), (None, "2026-03-01", 585)):
        for tool in ("desk_execute_select", "pg_execute_sql"):
            assert result(c, tool, query=query, parameters={"customer": customer, "since": since})["rows"] == [[n]], (customer, since)
    for arguments, n in (({}, 2000), ({"customer": 1}, 40), ({"since": "2026-03-01"}, 585), ({"customer": 1, "since": "2026-03-01"}, 12)):
        assert result(c, "orders_of", **arguments)["rows"] == [[n]], arguments


def test_long_results_are_cut_and_go_on(server, site):
    c = client(server, site)
    r = c.tool("pg_execute_select", {"query": "SELECT id FROM orders ORDER BY id"}).result["structuredContent"]
    assert r["rowsReturned"] == 1000 and r["truncated"] is True, r["rowsReturned"]
    r = c.tool("pg_execute_select", {"query": "SELECT id FROM orders ORDER BY id", "cursor": r["nextCursor"]}).result["structuredContent"]
    unordered = c.tool("pg_execute_select", {"query": "SELECT id FROM orders"}).result["structuredContent"]
    assert unordered["truncated"] is True and "nextCursor" not in unordered, unordered.keys()
    assert r["results"][0]["rows"][0] == [1001] and r["results"][0]["rows"][-1] == [2000] and not r.get("truncated"), r["rowsReturned"]


def test_rows_without_columns_are_counted(lighttpd, site):
    c = client(lighttpd, site)
    r = c.tool("pg_execute_select", {"query": "SELECT FROM orders WHERE id <= 3"}).result["structuredContent"]
    assert r["results"][0]["rows"] == [[], [], []] and r["rowsReturned"] == 3, r
    r = c.tool("pg_execute_sql", {"query": "SELECT FROM orders WHERE id < 0"}).result["structuredContent"]
    assert r["results"][0]["rows"] == [] and r["rowsReturned"] == 0, r
    r = c.tool("desk_execute_update", {"query": "UPDATE orders SET total = total WHERE id = 1"}).result["structuredContent"]
    assert r["results"][0]["affectedRows"] == 1 and "rowsReturned" not in r, r


def test_nothing_is_written_by_a_reader(server, site):
    c = client(server, site)
    before = RUNNING[0].psql("shop", "SELECT md5(string_agg(o::text, '' ORDER BY id)) FROM orders o")
    for sql in ("DELETE FROM orders", "WITH x AS (DELETE FROM orders RETURNING 1) SELECT * FROM x", "SELECT 1; DELETE FROM orders", "COPY orders TO PROGRAM 'cat'", "DO $$ BEGIN DELETE FROM orders; END $$", "SELECT lo_create(1)", "SELECT pg_read_file('/etc/passwd')"):
        error(c, "pg_execute_select", query=sql)
    assert RUNNING[0].psql("shop", "SELECT md5(string_agg(o::text, '' ORDER BY id)) FROM orders o") == before


def test_writes_and_procedures(server, site):
    c = client(server, site)
    r = result(c, "desk_execute_update", query="UPDATE orders SET total = 0.10 WHERE id = 5")
    assert r["affectedRows"] == 1
    assert result(c, "desk_execute_select", query="SELECT total FROM orders WHERE id = 5")["rows"] == [["0.10"]]
    result(c, "desk_execute_update", query="UPDATE orders SET total = 6.25 WHERE id = 5")
    assert error(c, "desk_execute_update", query="UPDATE orders SET total = 0 WHERE id > 0").startswith("TOO_LARGE")
    assert error(c, "desk_execute_insert", query="INSERT INTO orders (id) VALUES (1)").startswith("CONSTRAINT_VIOLATION")
    r = c.tool("desk_execute_procedure", {"procedure": "total_of", "parameters": {"customer": 1}}).result["structuredContent"]
    assert r["results"][0]["rows"] == [["51250.00"]] or r["parameters"]["@return_value"]["direction"] == 5, r
    assert c.tool("query_source", {"sql": "SELECT count(*) AS n FROM data", "source_name": "desk"}).result["structuredContent"]["rows"] == [{"n": 2000}]


def test_what_can_do_nothing_is_not_listed(lighttpd, site):
    client(lighttpd, site)
    sees = ["--scope", "read,write", "--source", "see:SELECT,EXECUTE", "--source", "gone:SELECT,EXECUTE"]
    names = Client(lighttpd.url, site.key("sees", *sees)).names()
    assert "see_get_procedures" in names and not [n for n in names if n.endswith("execute_procedure")], names
    names = Client(lighttpd.url, site.key("runs", *sees, "--source", "desk:SELECT,EXECUTE")).names()
    assert [n for n in names if n.endswith("execute_procedure")] == ["execute_procedure", "desk_execute_procedure"], names


def test_a_source_that_is_away(server, site):
    c = client(server, site)
    assert error(c, "gone_execute_select", query="SELECT 1").startswith("SOURCE_UNREACHABLE")
    assert result(c, "pg_execute_select", query="SELECT 1")["rows"] == [[1]]


def test_a_restarted_server_is_used_again(lighttpd, site):
    c = client(lighttpd, site)
    for _ in range(4):
        assert result(c, "pg_execute_select", query="SELECT count(*) FROM orders")["rows"] == [[2000]]
    RUNNING[0].kill()
    assert error(c, "pg_execute_select", query="SELECT 1").startswith("SOURCE_UNREACHABLE")
    RUNNING[0].start()
    for _ in range(4):
        assert result(c, "pg_execute_select", query="SELECT count(*) FROM orders")["rows"] == [[2000]]


def test_the_doctor_names_rights(lighttpd, site):
    client(lighttpd, site)
    r = site.ctl("doctor", "--config", site.conf, check=False)
    said = [line for line in r.stdout.splitlines() if "desk:" in line or "pg:" in line]
    assert not any("rights" in line and "pg:" in line for line in said), said
    RUNNING[0].psql("postgres", "ALTER ROLE mcp_write SUPERUSER")
    r = site.ctl("doctor", "--config", site.conf, check=False)
    RUNNING[0].psql("postgres", "ALTER ROLE mcp_write NOSUPERUSER")
    assert any("desk: the account is a superuser" in line for line in r.stdout.splitlines()), r.stdout


def test_the_program_stays_small(build):
    said = subprocess.run(["ldd", os.path.join(build, "mcp.fcgi")], capture_output=True, text=True).stdout
    assert "libpq" not in said and "libcrypto" not in said, said
