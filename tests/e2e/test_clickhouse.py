# SPDX-License-Identifier: ISC
"""ClickHouse as a source, through the real servers and inside of the sandbox:
an account that is read-only by its profile, and one that may write."""
import os
import subprocess

import chserver
import servers
from client import Client
from mcpsite import CONF as USUAL
from run import Skip
from sqltool import error, result

SERVERS = [servers.Lighttpd, servers.LighttpdCgi, servers.ApacheFcgid, servers.Nginx]
RUNNING = []
KEYS = {}
SOME = {}

WEB = [
    "CREATE DATABASE web",
    "CREATE TABLE web.visits (id UInt64, day Date, at DateTime('UTC'), site LowCardinality(String), price Decimal(10, 2), tags Array(String)) ENGINE = MergeTree ORDER BY id",
    "INSERT INTO web.visits SELECT number + 1, toDate('2026-01-01') + number % 300, toDateTime('2026-01-01 00:00:00', 'UTC') + number, concat('site ', toString(number % 5)), toDecimal64(number, 2) / 4, ['a', 'b'] FROM numbers(3000)",
    "CREATE TABLE web.people (id Int32, name String, email Nullable(String), phone String) ENGINE = MergeTree ORDER BY id",
    "INSERT INTO web.people VALUES (1, 'Ann', 'ann@x', '555-1'), (2, 'Bob', NULL, '555-2')",
    "CREATE TABLE web.hidden_pay (id Int32, amount Int32) ENGINE = MergeTree ORDER BY id",
    "INSERT INTO web.hidden_pay VALUES (1, 424242)",
    "CREATE TABLE web.sums (id UInt64, price Decimal(10, 2), wide Nullable(Decimal(38, 4)), rate Float64, n Int64) ENGINE = MergeTree ORDER BY id",
]
SUM = "SELECT concat(toString((SELECT sum(cityHash64(id, day, at, site, tags)) FROM web.visits)), '|', toString((SELECT sum(cityHash64(database, name, create_table_query)) FROM system.tables WHERE database != 'system')))"


def prepare(site):
    if not os.access(chserver.PROGRAM, os.X_OK):
        return
    ch = chserver.ClickHouse()
    RUNNING.append(ch)
    for sql in WEB:
        ch.ask(sql)
    # By an address, and by a name that the sandbox must let us look up.
    at = 'driver = "clickhouse"; url = "http://127.0.0.1:%d"; database = "web";' % ch.port
    name = at.replace("127.0.0.1", "localhost")
    site.configure(USUAL.replace("sources  = {", """sources  = {
    web = { %s user = "mcp_read"; password = "read word"; about = "Visits"; deny = [ "hidden_*", "people.email" ]; mask = [ "people.phone" ]; };
    desk = { %s user = "mcp_write"; password = "write word"; readonly = false; data_table = "visits"; };
    loose = { %s user = "mcp_write"; password = "write word"; };
    gone = { driver = "clickhouse"; url = "http://127.0.0.1:1"; user = "somebody"; };""" % (at, name, at), 1))
    KEYS[site] = site.key("ch", "--scope", "read,write", "--source", "web:SELECT", "--source", "desk:ALL", "--source", "gone:SELECT")
    SOME[site] = site.key("some", "--scope", "read,write", "--source", "desk:SELECT,INSERT,UPDATE")


def client(server, site):
    if not RUNNING:
        raise Skip("no ClickHouse is installed here (Debian: clickhouse-server)")
    return Client(server.url, KEYS[site])


def finish():
    for ch in RUNNING:
        ch.close()


def test_reads_and_metadata(server, site):
    c = client(server, site)
    for source in ("web", "desk"):
        assert result(c, source + "_execute_select", query="SELECT id, day, at, site, price, tags FROM visits WHERE id = @id", parameters={"id": 3})["rows"] == [[3, "2026-01-03", "2026-01-01T00:00:02Z", "site 2", "0.50", "['a','b']"]]
    assert result(c, "web_execute_select", query="SELECT * FROM people ORDER BY id")["rows"] == [[1, "Ann", "***"], [2, "Bob", "***"]]
    assert error(c, "web_execute_select", query="SELECT email FROM people").startswith("COLUMN_NOT_FOUND")
    assert error(c, "web_execute_select", query="SELECT * FROM hidden_pay").startswith("TABLE_NOT_FOUND")
    tables = [t for t in result(c, "web_get_tables")["rows"] if t[1] == "web"]
    assert [t[2:6] for t in tables] == [["people", "TABLE", "engine MergeTree", 2], ["sums", "TABLE", "engine MergeTree", None], ["visits", "TABLE", "engine MergeTree", 3000]], tables
    columns = {r[3]: r for r in result(c, "web_get_columns", tableName="visits")["rows"]}
    assert columns["id"][11] == "PRI" and columns["price"][7:9] == [10, 2] and columns["site"][6] == "LowCardinality(String)", columns
    r = c.tool("explain_sql", {"catalog": "desk", "statement": "SELECT * FROM visits WHERE id = 7"}).result["structuredContent"]
    assert r["tables"][0]["table_name"] == "visits", r
    r = c.tool("validate_sql", {"catalog": "desk", "statement": "SELECT nosuch FROM visits"}).result["structuredContent"]
    assert r["valid"] is False, r
    said = c.tool("get_instructions", {"catalogName": "web"}).result["content"][0]["text"]
    assert "The dialect is ClickHouse" in said, said


def test_long_results_are_cut_and_go_on(server, site):
    c = client(server, site)
    r = c.tool("web_execute_select", {"query": "SELECT id FROM visits ORDER BY id"}).result["structuredContent"]
    assert r["rowsReturned"] == 1000 and r["truncated"] is True, r["rowsReturned"]
    r = c.tool("web_execute_select", {"query": "SELECT id FROM visits ORDER BY id", "cursor": r["nextCursor"]}).result["structuredContent"]
    assert r["results"][0]["rows"][0] == [1001], r["results"][0]["rows"][0]
    r = c.tool("web_execute_select", {"query": "SELECT id FROM visits"}).result["structuredContent"]
    assert r["truncated"] is True and "nextCursor" not in r, r.keys()


def test_nothing_is_written_by_a_reader(server, site):
    c = client(server, site)
    before = RUNNING[0].ask(SUM)
    for source in ("web", "desk"):
        for sql in ("INSERT INTO visits (id) VALUES (9)", "DROP TABLE visits", "KILL QUERY WHERE 1", "SELECT 1; DROP TABLE visits", "SELECT * FROM file('/etc/passwd', CSV, 'a String')", "SELECT * FROM url('http://127.0.0.1:1/', CSV, 'a String')", "SELECT 1 SETTINGS readonly = 0", "SELECT 1 INTO OUTFILE 'x'", "SELECT 1) FORMAT Null"):
            error(c, source + "_execute_select", query=sql)
    assert RUNNING[0].ask(SUM) == before


def test_writes(server, site):
    c = client(server, site)
    n = result(c, "desk_execute_select", query="SELECT count() FROM people")["rows"][0][0]
    r = result(c, "desk_execute_insert", query="INSERT INTO people (id, name, phone) VALUES (@id, @name, 'x')", parameters={"id": n + 1, "name": "it's \\ new"})
    assert r["affectedRows"] == 1, r
    assert result(c, "desk_execute_select", query="SELECT name FROM people WHERE id = @id", parameters={"id": n + 1})["rows"] == [["it's \\ new"]]
    assert error(c, "desk_execute_insert", query="INSERT INTO people (id) VALUES (9)", dryRun=True).startswith("STATEMENT_NOT_ALLOWED")
    assert error(c, "execute_update", defaultCatalog="desk", query="UPDATE people SET name = 'x' WHERE id = 1").startswith("STATEMENT_NOT_ALLOWED")
    assert error(c, "desk_execute_insert", query="INSERT INTO people (id) SELECT toInt32(id) FROM visits").startswith("TOO_LARGE")
    assert result(c, "desk_execute_select", query="SELECT count() FROM people")["rows"] == [[n + 1]]
    assert c.tool("query_source", {"sql": "SELECT count() AS n FROM data", "source_name": "desk"}).result["structuredContent"]["rows"] == [{"n": 3000}]
    RUNNING[0].ask("TRUNCATE TABLE web.people")
    RUNNING[0].ask(WEB[4])


def test_writes_are_checked(server, site):
    """By an account that can only read too; nothing is counted."""
    c = client(server, site)

    def check(catalog, statement):
        r = c.tool("validate_sql", {"catalog": catalog, "statement": statement}).result
        assert not r.get("isError"), r
        return r["structuredContent"]

    for catalog in ("desk", "web"):
        for statement in ("INSERT INTO people (id, name) VALUES (@id, 'x')", "INSERT INTO web.people (id) SELECT toInt32(id) FROM visits", "INSERT INTO visits (id) VALUES (1)"):
            assert check(catalog, statement)["valid"] is True, (catalog, statement, check(catalog, statement))
        for statement, word in (("INSERT INTO nosuch (id) VALUES (1)", "table: nosuch"), ("INSERT INTO people (nosuch) VALUES (1)", "column: nosuch"), ("INSERT INTO people (id) SELECT nosuch FROM visits", "column: nosuch"), ("UPDATE people SET name = 'x' WHERE id = 1", "only INSERT")):
            r = check(catalog, statement)
            assert r["valid"] is False and word in r["error"], (catalog, statement, r)
    for statement in ("INSERT INTO hidden_pay VALUES (1, 2)", "INSERT INTO hidden_pay (nosuch) VALUES (1)", "INSERT INTO people (id, email) VALUES (1, 'x')", "INSERT INTO people VALUES (1)", "INSERT INTO people (id) SELECT amount FROM hidden_pay"):
        r = check("web", statement)
        assert r["valid"] is False and "nosuch" not in r["error"], r


def test_what_cannot_be_done_is_not_listed(server, site):
    """A token with every right sees all operations, save those of the source."""
    names = client(server, site).names()
    assert "execute_update" in names and "desk_execute_insert" in names, names
    assert "desk_execute_update" not in names, names
    assert client(server, site).tool("desk_execute_update", {"query": "UPDATE people SET name = 'x' WHERE id = 1"}).error, names
    names = Client(server.url, SOME[site]).names()
    assert "execute_insert" in names and "execute_update" not in names and "desk_execute_update" not in names, names


def test_numbers_are_exact(server, site):
    """What was read can be given back, and is written to the last digit."""
    c = client(server, site)
    wide = [{"dataType": 9, "value": "18446744073709551615"}, {"dataType": 12, "value": "-12345678901234567890.1234"}]
    for given, back in (
        ([1, 1.15, 1.15, 1.15, -5], [1, "1.15", "1.1500", 1.15, -5]),
        ([2, -1.15, -1.15, -1.15, 5.0], [2, "-1.15", "-1.1500", -1.15, 5]),
        ([3, {"dataType": 12, "value": "1.15"}, wide[1], 1e22, 9007199254740993], [3, "1.15", "-12345678901234567890.1234", 1e22, "9007199254740993"]),
        ([wide[0], 99999999.15, 5, 5, {"dataType": 9, "value": "-9223372036854775808"}], ["18446744073709551615", "99999999.15", "5.0000", 5, "-9223372036854775808"]),
    ):
        for rows in ("VALUES (@a, @b, @c, @d, @e)", "SELECT @a, @b, @c, @d, @e"):
            values = dict(zip("abcde", given))
            assert result(c, "desk_execute_insert", query="INSERT INTO sums (id, price, wide, rate, n) " + rows, parameters=values)["affectedRows"] == 1
            assert result(c, "desk_execute_select", query="SELECT * FROM sums")["rows"] == [back], (rows, given)
            for column, value in zip(("id", "price", "wide", "n"), [back[i] for i in (0, 1, 2, 4)]):
                assert result(c, "desk_execute_select", query="SELECT count() FROM sums WHERE %s = @v" % column, parameters={"v": value})["rows"] == [[1]], (column, value)
            RUNNING[0].ask("TRUNCATE TABLE web.sums")
    assert result(c, "web_execute_select", query="SELECT count() FROM visits WHERE price = @p AND id > @n", parameters={"p": 0.5, "n": "0"})["rows"] == [[1]]


def test_explain_as_a_statement(server, site):
    c = client(server, site)
    for source, text in (("desk", "STATEMENT_NOT_ALLOWED"), ("web", "STATEMENT_NOT_ALLOWED")):
        said = error(c, source + "_execute_sql", query="EXPLAIN SELECT * FROM visits")
        assert said.startswith(text) and "explain_sql" in said, said
        r = c.tool("validate_sql", {"catalog": source, "statement": "EXPLAIN SELECT 1"}).result["structuredContent"]
        assert r["valid"] is False and "explain_sql" in r["hint"], r
    assert result(c, "desk_execute_sql", query="DESCRIBE TABLE visits")["rows"][0][:2] == ["id", "UInt64"]


def test_a_source_that_is_away(server, site):
    c = client(server, site)
    assert error(c, "gone_execute_select", query="SELECT 1").startswith("SOURCE_UNREACHABLE")
    assert result(c, "web_execute_select", query="SELECT 1")["rows"] == [[1]]


def test_a_restarted_server_is_used_again(lighttpd, site):
    c = client(lighttpd, site)
    for _ in range(4):
        assert result(c, "web_execute_select", query="SELECT count() FROM visits")["rows"] == [[3000]]
    RUNNING[0].kill()
    assert error(c, "web_execute_select", query="SELECT 1").startswith("SOURCE_UNREACHABLE")
    RUNNING[0].start()
    for _ in range(4):
        assert result(c, "web_execute_select", query="SELECT count() FROM visits")["rows"] == [[3000]]


def test_proxies_of_the_environment_are_not_asked(lighttpd, site):
    """H3: the header that becomes HTTP_PROXY."""
    c = client(lighttpd, site)
    assert not Client(lighttpd.url, KEYS[site], Proxy="http://127.0.0.1:1").tool("web_execute_select", {"query": "SELECT 1"}).result.get("isError")
    assert result(c, "web_execute_select", query="SELECT 1")["rows"] == [[1]]


def test_the_doctor_names_rights(lighttpd, site):
    client(lighttpd, site)
    r = site.ctl("doctor", "--config", site.conf, check=False)
    said = [line for line in r.stdout.splitlines() if "the account may write" in line]
    assert len(said) == 1 and "loose:" in said[0], r.stdout


def test_the_program_stays_small(build):
    said = subprocess.run(["ldd", os.path.join(build, "mcp.fcgi")], capture_output=True, text=True).stdout
    assert "libcurl" not in said and "libcrypto" not in said, said
