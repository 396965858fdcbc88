# SPDX-License-Identifier: ISC
"""MariaDB as a source, through the real servers and inside of the sandbox: a
read-only account of hardening-mariadb.sql, and one that may write."""
import os
import subprocess

import mariadbserver
import servers
from client import Client
from mcpsite import CONF as USUAL
from run import Skip
from sqltool import error, result

SERVERS = [servers.Lighttpd, servers.LighttpdCgi, servers.ApacheFcgid, servers.Nginx]
RUNNING = []
KEYS = {}
EVERY = {}

SHOP = """
CREATE DATABASE shop CHARACTER SET utf8mb4$$ USE shop$$
CREATE TABLE customers (id integer PRIMARY KEY, name varchar(40) NOT NULL, email varchar(80) UNIQUE, phone varchar(20)) COMMENT 'Who buys'$$
CREATE TABLE orders (id bigint unsigned PRIMARY KEY, customer integer, total decimal(10,2), at timestamp NULL, state enum('new', 'sent'), FOREIGN KEY (customer) REFERENCES customers (id))$$
CREATE TABLE notes (id integer PRIMARY KEY) ENGINE = MyISAM$$
CREATE TABLE hidden_pay (id integer, amount integer)$$
SET time_zone = '+00:00'$$
INSERT INTO customers SELECT seq, concat('Customer ', seq), concat('c', seq, '@x'), concat('555-', seq) FROM seq_1_to_50$$
INSERT INTO orders SELECT seq, seq % 50 + 1, seq * 1.25, '2026-01-01' + INTERVAL seq HOUR, 'new' FROM seq_1_to_2000$$
INSERT INTO hidden_pay VALUES (1, 424242)$$
CREATE FUNCTION total_of(customer integer) RETURNS decimal(12,2) READS SQL DATA RETURN (SELECT sum(total) FROM orders o WHERE o.customer = customer)$$
CREATE PROCEDURE kinds(OUT a integer, OUT b bigint, INOUT c integer, OUT d date, OUT e integer, OUT f double) BEGIN SET a = 1, b = 2, c = c + 1, d = '2026-01-02', f = 1; END$$
CREATE PROCEDURE send_one(IN which bigint, OUT was text) BEGIN SELECT state INTO was FROM orders WHERE id = which; UPDATE orders SET state = 'sent' WHERE id = which; SELECT id, state FROM orders WHERE id = which; END$$
CREATE USER mcp_write@localhost$$ GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE, CREATE, DROP ON shop.* TO mcp_write@localhost$$
ANALYZE TABLE orders, customers$$
"""


def prepare(site):
    if mariadbserver.missing():
        return
    m = mariadbserver.MariaDB()
    RUNNING.append(m)
    m.sql("DELIMITER $$\n" + SHOP)
    m.hardened("mcp_read", "shop")
    at = 'driver = "mariadb"; socket = "%s"; database = "shop";' % m.socket
    site.configure(USUAL.replace("sources  = {", """sources  = {
    my = { %s user = "mcp_read"; about = "Orders"; deny = [ "hidden_*", "customers.email" ]; mask = [ "customers.phone" ]; };
    desk = { %s user = "mcp_write"; readonly = false; data_table = "orders"; };
    ro = { %s user = "mcp_read"; };
    gone = { driver = "mariadb"; host = "127.0.0.1"; port = 1; database = "x"; user = "somebody"; tls = "off"; };""" % (at, at, at), 1))
    KEYS[site] = site.key("my", "--scope", "read,write", "--source", "my:SELECT", "--source", "desk:ALL", "--source", "ro:SELECT", "--source", "gone:SELECT")
    EVERY[site] = site.key("every", "--scope", "read,write", "--source", "*:ALL")


def client(server, site):
    if not RUNNING:
        raise Skip("the package mariadb-server is not installed here")
    return Client(server.url, KEYS[site])


def finish():
    for m in RUNNING:
        m.close()


def test_reads_and_metadata(server, site):
    c = client(server, site)
    assert result(c, "my_execute_select", query="SELECT id, total, at, state FROM orders WHERE id = @id", parameters={"id": 3})["rows"] == [[3, "3.75", "2026-01-01T03:00:00Z", "new"]]
    assert result(c, "my_execute_select", query="SELECT * FROM customers WHERE id = 1")["rows"] == [[1, "Customer 1", "***"]]
    assert error(c, "my_execute_select", query="SELECT email FROM customers").startswith("COLUMN_NOT_FOUND")
    assert error(c, "my_execute_select", query="SELECT * FROM hidden_pay").startswith("TABLE_NOT_FOUND")
    tables = result(c, "my_get_tables")["rows"]
    assert [t[2:5] for t in tables] == [["customers", "TABLE", "Who buys"], ["notes", "TABLE", None], ["orders", "TABLE", None]], tables
    columns = {r[3]: r for r in result(c, "my_get_columns", tableName="orders")["rows"]}
    assert columns["customer"][12] == "shop.customers.id" and columns["id"][11] == "PRI" and columns["total"][7:9] == [10, 2], columns
    r = c.tool("explain_sql", {"catalog": "my", "statement": "SELECT * FROM orders WHERE id = 7"}).result["structuredContent"]
    assert r["tables"][0]["table_name"] == "orders" and r["tables"][0]["access"] == "index" and "index" not in r["tables"][0], r
    r = c.tool("validate_sql", {"catalog": "my", "statement": "SELECT nosuch FROM orders"}).result["structuredContent"]
    assert r["valid"] is False and "no such column: nosuch" in r["error"] and "hint" in r, r


def check(c, catalog, statement):
    r = c.tool("validate_sql", {"catalog": catalog, "statement": statement}).result
    assert not r.get("isError"), r
    return r["structuredContent"]


def test_writes_are_checked(server, site):
    """A right write is valid whoever asks; a notice says what the token lacks."""
    c = client(server, site)
    before = RUNNING[0].sql("CHECKSUM TABLE shop.orders, shop.customers")
    for statement in ("UPDATE customers SET name = 'q' WHERE id = 1", "INSERT INTO customers (id, name) VALUES (@id, 'x')", "INSERT INTO customers (id, name) SELECT id, state FROM orders", "DELETE FROM orders WHERE id = 1", "REPLACE INTO customers (id, name) VALUES (1, 'x')"):
        for catalog in ("desk", "ro"):
            r = check(c, catalog, statement)
            assert r["valid"] is True, (catalog, statement, r)
            assert (catalog == "desk") == ("notices" not in r), (catalog, r)
    for statement in ("CREATE TABLE fresh (a integer)", "DROP TABLE orders", "CALL send_one(1, @x)"):
        assert check(c, "desk", statement)["valid"] is True, check(c, "desk", statement)
    for statement, word in (("UPDATE customer SET name = 'q' WHERE id = 1", "table: customer"), ("UPDATE customers SET nam = 'q' WHERE id = 1", "column: nam"), ("DELETE FROM orders WHERE nosuch = 1", "column: nosuch"), ("INSERT INTO customers (nosuch) VALUES (1)", "column: nosuch"), ("INSERT INTO customers (id) SELECT nosuch FROM orders", "column: nosuch"), ("UPDATE customers SET", "")):
        for catalog in ("desk", "ro"):
            r = check(c, catalog, statement)
            assert r["valid"] is False and word in r["error"], (catalog, statement, r)
    assert "procedure" in check(c, "desk", "CALL send_two(1)")["error"]
    for statement in ("UPDATE customers SET name = 'q' WHERE email < 'd'", "INSERT INTO customers (id, email) VALUES (1, 'x')", "DELETE FROM customers WHERE nosuch = 1", "DELETE FROM hidden_pay WHERE nosuch = 1", "INSERT INTO orders (id) SELECT amount FROM hidden_pay", "UPDATE orders SET total = (SELECT nosuch FROM hidden_pay)"):
        r = check(c, "my", statement)
        assert r["valid"] is False and "nosuch" not in r["error"] and "email" not in r["error"], r
    assert check(c, "my", "UPDATE orders SET nosuch = 1")["valid"] is False
    assert check(c, "my", "UPDATE orders SET total = 1")["valid"] is True
    r = c.tool("desk_execute_sql", {"query": "UPDATE customers SET name = 'q' WHERE id = 1", "schemaOnly": True}).result
    assert not r.get("isError"), r
    assert RUNNING[0].sql("CHECKSUM TABLE shop.orders, shop.customers") == before


def test_names_of_three_parts(server, site):
    """In any quotes, and whatever source stands first in the list."""
    c = Client(server.url, EVERY[site]) if client(server, site) else None
    for form in ("desk.shop.customers", "[desk].[shop].[customers]", '"desk"."shop"."customers"', "`desk`.`shop`.`customers`", "desk.[shop].customers"):
        assert result(c, "execute_sql", query="SELECT count(*) FROM " + form)["rows"] == [[50]], form
        assert c.tool("query_source", {"sql": "SELECT count(*) AS n FROM " + form, "source_name": "desk"}).result["structuredContent"]["rows"] == [{"n": 50}], form
        assert check(c, "desk", "SELECT count(*) FROM " + form)["valid"] is True, form
    for form in ("my.shop.hidden_pay", "[my].[shop].[hidden_pay]", '"my"."shop"."hidden_pay"', "`my`.`shop`.`hidden_pay`"):
        for query in ("SELECT * FROM ", "DELETE FROM ", "INSERT INTO orders (id) SELECT amount FROM "):
            assert error(c, "execute_sql", query=query + form).startswith(("TABLE_NOT_FOUND", "READ_ONLY")), (form, query)
        assert check(c, "my", "SELECT * FROM " + form)["valid"] is False, form
    for form in ("my.shop.customers", "[my].[shop].[customers]", '"my"."shop"."customers"', "`my`.`shop`.`customers`", "[my].shop.`customers`"):
        assert result(c, "execute_sql", query="SELECT id, phone FROM %s WHERE id = 1" % form)["rows"] == [[1, "***"]], form
        assert error(c, "execute_sql", query="SELECT email FROM " + form).startswith("COLUMN_NOT_FOUND"), form
        assert error(c, "execute_sql", query="SELECT x.email FROM %s x" % form).startswith("COLUMN_NOT_FOUND"), form
        assert "555-" not in str(c.tool("execute_sql", {"query": "SELECT %s.phone, email FROM %s" % (form, form)}).result), form


def test_plans(server, site):
    c = client(server, site)

    def plan(catalog, statement):
        r = c.tool("explain_sql", {"catalog": catalog, "statement": statement}).result
        assert not r.get("isError"), r
        return [(t["table_name"], t["access"], t.get("index")) for t in r["structuredContent"]["tables"]]

    assert plan("desk", "SELECT * FROM customers c WHERE c.id = @id") == [("customers", "index", "PRIMARY")]
    assert plan("desk", "SELECT * FROM orders AS o JOIN customers c ON c.id = o.customer WHERE o.id = @a AND c.name < @b LIMIT @n") == [("orders", "index", "PRIMARY"), ("customers", "index", "PRIMARY")]
    assert plan("desk", "SELECT * FROM orders WHERE total = @t LIMIT @a, @b") == [("orders", "scan", None)]
    for where in ("id IN (@a)", "id IN (@a, @b)", "id BETWEEN @a AND @b", "id = @a", "id = @a AND id > @b", "id > @a AND state = @b", "id = @a + 5000"):
        assert plan("desk", "SELECT * FROM orders o WHERE " + where) == [("orders", "index", "PRIMARY")], (where, plan("desk", "SELECT * FROM orders o WHERE " + where))
        if where not in ("id = @a + 5000", "id = @a AND id > @b"):
            assert plan("desk", "DELETE FROM orders WHERE " + where) == [("orders", "index", "PRIMARY")], where
    assert plan("desk", "SELECT * FROM orders WHERE at > @a") == [("orders", "scan", None)]
    assert plan("desk", "DELETE FROM orders WHERE at > @a AND at < @b") == [("orders", "scan", None)]
    assert plan("desk", "SELECT * FROM customers WHERE email LIKE @a") == [("customers", "index", "email")]
    assert plan("desk", "SELECT * FROM orders o WHERE EXISTS (SELECT 1 FROM customers c WHERE c.id = o.customer AND c.name = @n)")[0][0] == "customers"
    assert plan("desk", "UPDATE orders SET total = @t WHERE id = @id") == [("orders", "index", "PRIMARY")]
    assert plan("desk", "INSERT INTO customers (id, name) VALUES (@a, @b)") == [("customers", "other", None)]
    assert "email" not in str(plan("my", "SELECT count(*) FROM customers x"))


def test_explain_as_a_statement(server, site):
    c = client(server, site)
    assert result(c, "desk_execute_sql", query="EXPLAIN SELECT * FROM orders WHERE id = 7")["rows"][0][2:4] == ["orders", "const"]
    assert result(c, "desk_execute_sql", query="explain extended SELECT * FROM orders WHERE id = @id", parameters={"id": 7})["rows"][0][2] == "orders"
    for query in ("EXPLAIN FORMAT=JSON SELECT * FROM orders", "ANALYZE FORMAT=JSON SELECT * FROM orders WHERE id < 9"):
        assert '"table_name": "orders"' in result(c, "desk_execute_sql", query=query)["rows"][0][0]
    assert check(c, "desk", "EXPLAIN SELECT * FROM orders")["valid"] is True
    before = RUNNING[0].sql("CHECKSUM TABLE shop.orders")
    for query in ("EXPLAIN DELETE FROM orders", "ANALYZE DELETE FROM orders", "EXPLAIN FOR CONNECTION 1", "EXPLAIN /*! EXTENDED */ SELECT 1"):
        assert error(c, "desk_execute_sql", query=query).startswith("STATEMENT_NOT_ALLOWED"), query
    assert "explain_sql" in error(c, "desk_execute_sql", query="EXPLAIN DELETE FROM orders")
    error(c, "desk_execute_sql", query="EXPLAIN SELECT 1 INTO OUTFILE '/tmp/mcp-copied'")
    assert "COLUMN_NOT_FOUND" in error(c, "desk_execute_sql", query="EXPLAIN SELECT nosuch FROM orders")
    assert "email" not in error(c, "my_execute_sql", query="EXPLAIN SELECT count(*) FROM customers")
    assert RUNNING[0].sql("CHECKSUM TABLE shop.orders") == before


def test_large_numbers_come_back(server, site):
    c = client(server, site)
    assert result(c, "desk_execute_select", query="SELECT 18446744073709551615 = @n, CAST(@n AS unsigned)", parameters={"n": {"dataType": 9, "value": "18446744073709551615"}})["rows"] == [[1, "18446744073709551615"]]


def test_long_results_are_cut_and_go_on(server, site):
    c = client(server, site)
    r = c.tool("my_execute_select", {"query": "SELECT id FROM orders ORDER BY id"}).result["structuredContent"]
    assert r["rowsReturned"] == 1000 and r["truncated"] is True, r["rowsReturned"]
    r = c.tool("my_execute_select", {"query": "SELECT id FROM orders ORDER BY id", "cursor": r["nextCursor"]}).result["structuredContent"]
    assert r["results"][0]["rows"][0] == [1001] and r["results"][0]["rows"][-1] == [2000] and not r.get("truncated"), r["rowsReturned"]


def test_nothing_is_written_by_a_reader(server, site):
    c = client(server, site)
    before = RUNNING[0].sql("CHECKSUM TABLE shop.orders")
    for sql in ("DELETE FROM orders", "SELECT 1; DELETE FROM orders", "BEGIN NOT ATOMIC COMMIT; DELETE FROM orders; END", "SELECT 1 INTO OUTFILE '/tmp/mcp-copied'", "SET PASSWORD = PASSWORD('x')", "/*!50000 DELETE FROM orders */", "SELECT * FROM mysql.user"):
        error(c, "my_execute_select", query=sql)
    assert RUNNING[0].sql("CHECKSUM TABLE shop.orders") == before


def test_writes_and_procedures(server, site):
    c = client(server, site)
    r = result(c, "desk_execute_update", query="UPDATE orders SET total = 0.10 WHERE id = 5")
    assert r["affectedRows"] == 1
    assert result(c, "desk_execute_select", query="SELECT total FROM orders WHERE id = 5")["rows"] == [["0.10"]]
    result(c, "desk_execute_update", query="UPDATE orders SET total = 6.25 WHERE id = 5")
    assert error(c, "desk_execute_update", query="UPDATE orders SET total = 0 WHERE id > 0").startswith("TOO_LARGE")
    assert error(c, "desk_execute_insert", query="INSERT INTO orders (id) VALUES (1)").startswith("CONSTRAINT_VIOLATION")
    assert error(c, "desk_execute_insert", query="INSERT INTO notes (id) VALUES (1)").startswith("STATEMENT_NOT_ALLOWED")
    r = c.tool("desk_execute_procedure", {"procedure": "total_of", "parameters": {"customer": 1}}).result["structuredContent"]
    assert r["parameters"]["@return_value"]["value"] == "51250.00", r
    assert r["parameters"]["@return_value"]["dataType"] == r["results"][0]["schema"][0]["dataType"] == 12, r
    r = c.tool("desk_execute_procedure", {"procedure": "kinds", "parameters": {"c": 5}}).result["structuredContent"]
    assert {n: (p["dataType"], p["value"]) for n, p in r["parameters"].items()} == {"@a": (8, 1), "@b": (9, 2), "@c": (8, 6), "@d": (15, "2026-01-02"), "@e": (8, None), "@f": (11, 1)}, r
    r = c.tool("desk_execute_procedure", {"procedure": "send_one", "parameters": {"which": 9}}).result["structuredContent"]
    assert r["results"][0]["rows"] == [[9, "sent"]] and r["parameters"]["@was"]["value"] in ("new", "sent"), r
    assert c.tool("query_source", {"sql": "SELECT count(*) AS n FROM data", "source_name": "desk"}).result["structuredContent"]["rows"] == [{"n": 2000}]


def test_a_source_that_is_away(server, site):
    c = client(server, site)
    assert error(c, "gone_execute_select", query="SELECT 1").startswith("SOURCE_UNREACHABLE")
    assert result(c, "my_execute_select", query="SELECT 1")["rows"] == [[1]]


def test_a_restarted_server_is_used_again(lighttpd, site):
    c = client(lighttpd, site)
    for _ in range(4):
        assert result(c, "my_execute_select", query="SELECT count(*) FROM orders")["rows"] == [[2000]]
    RUNNING[0].kill()
    assert error(c, "my_execute_select", query="SELECT 1").startswith("SOURCE_UNREACHABLE")
    RUNNING[0].start()
    for _ in range(4):
        assert result(c, "my_execute_select", query="SELECT count(*) FROM orders")["rows"] == [[2000]]


def test_the_doctor_names_rights(lighttpd, site):
    client(lighttpd, site)
    RUNNING[0].sql("GRANT FILE ON *.* TO mcp_write@localhost")
    said = site.ctl("doctor", "--config", site.conf, check=False).stdout.splitlines()
    RUNNING[0].sql("REVOKE FILE ON *.* FROM mcp_write@localhost")
    assert any("desk:" in line and "(FILE)" in line for line in said), said
    assert any("desk:" in line and "(EXECUTE)" in line for line in said), said
    assert not any("my:" in line and "the account" in line for line in said), said


def test_the_program_stays_small(build):
    said = subprocess.run(["ldd", os.path.join(build, "mcp.fcgi")], capture_output=True, text=True).stdout
    assert "mariadb" not in said and "libssl" not in said, said
