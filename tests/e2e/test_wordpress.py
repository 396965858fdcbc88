# SPDX-License-Identifier: ISC
"""Debian's WordPress, really installed on a MariaDB, asked for its latest posts
with examples/wordpress/mcp.conf by an account that can only read.  With
MCP_HEAVY there are five thousand posts more."""
import os
import subprocess
import tempfile

import mariadbserver
import servers
from client import Client
from mcpsite import CONF as USUAL
from run import Skip

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLE = os.path.join(HERE, "..", "..", "examples", "wordpress", "mcp.conf")
SERVERS = [servers.Lighttpd, servers.ApacheFcgid]
MORE = 5000 if os.environ.get("MCP_HEAVY") else 0
RUNNING = []
KEYS = {}


def missing():
    """The package to install, or None."""
    for path, package in (("/usr/share/wordpress/wp-settings.php", "wordpress"), ("/usr/bin/php", "php-cli"), (mariadbserver.SERVER, "mariadb-server")):
        if not os.path.exists(path):
            return package
    return None


def prepare(site):
    if missing():
        return
    m = mariadbserver.MariaDB()
    RUNNING.append(m)
    m.sql("CREATE DATABASE wordpress CHARACTER SET utf8mb4; CREATE USER wordpress@localhost IDENTIFIED BY 'blog'; GRANT ALL ON wordpress.* TO wordpress@localhost")
    with tempfile.TemporaryDirectory() as content:
        r = subprocess.run(["php", os.path.join(HERE, "wordpress.php"), m.socket, content], capture_output=True, text=True, timeout=120)
    assert r.returncode == 0 and r.stdout.endswith("1\n"), r.stdout[-2000:] + r.stderr[-2000:]
    if MORE:
        m.sql("INSERT INTO wp_posts (post_author, post_date, post_date_gmt, post_content, post_title, post_excerpt, to_ping, pinged, post_content_filtered, post_modified, post_modified_gmt) SELECT 1, '2025-01-01' + INTERVAL seq MINUTE, '2025-01-01' + INTERVAL seq MINUTE, repeat('text ', 500), concat('Post ', seq), '', '', '', '', NOW(), NOW() FROM seq_1_to_%d" % MORE, "wordpress")
    m.hardened("mcp_read", "wordpress")
    with open(EXAMPLE) as f:
        text = f.read()
    site.configure(USUAL[:USUAL.index("sources")] + text.replace('host     = "localhost";', 'socket   = "%s";' % m.socket))
    KEYS[site] = site.key("reader", "--scope", "read,write", "--source", "blog:ALL")


def client(server, site):
    if not RUNNING:
        raise Skip("the package %s is not installed here" % missing())
    return Client(server.url, KEYS[site])


def finish():
    for m in RUNNING:
        m.close()


def rows(c, tool, **arguments):
    r = c.tool(tool, arguments).result
    assert not r.get("isError"), r
    return r["structuredContent"]["results"][0]["rows"]


def test_latest_posts(server, site):
    c = client(server, site)
    got = rows(c, "latest_posts", n=3)
    assert [r[2] for r in got] == ["Hello world!", "Third &amp; last", "Zweiter Tag 😀"], got
    assert got[1][1] == "2026-01-03T10:00:00" and got[1][3] == "admin", got
    assert len(rows(c, "latest_posts")) == (10 if MORE else 4)
    assert rows(c, "execute_select", query="SELECT count(*) FROM blog.wordpress.wp_posts WHERE post_status = 'publish' AND post_type = 'post'") == [[4 + MORE]]


def test_secrets_stay(server, site):
    c = client(server, site)
    for sql in ("SELECT user_pass FROM wp_users", "SELECT * FROM wp_options", "SELECT meta_value FROM wp_usermeta", "SELECT user_login FROM wp_users WHERE user_pass LIKE '$P$%'"):
        r = c.tool("execute_select", {"query": sql, "defaultCatalog": "blog"}).result
        assert r.get("isError") and "NOT_FOUND" in r["content"][0]["text"], r
    assert rows(c, "execute_select", query="SELECT user_login, user_email FROM wp_users", defaultCatalog="blog") == [["admin", "***"]]


def test_nothing_can_be_changed(server, site):
    c = client(server, site)
    sum_of = lambda: RUNNING[0].sql("CHECKSUM TABLE wp_posts, wp_users, wp_options, wp_comments", "wordpress")
    before = sum_of()
    for tool, sql in (
            ("execute_select", "DELETE FROM wp_posts"), ("execute_select", "SELECT 1; DELETE FROM wp_posts"),
            ("execute_select", "BEGIN NOT ATOMIC COMMIT; DELETE FROM wp_posts; END"), ("execute_select", "SET PASSWORD = PASSWORD('x')"),
            ("execute_select", "SELECT post_title FROM wp_posts INTO OUTFILE '/tmp/mcp-posts'"), ("execute_update", "UPDATE wp_posts SET post_title = 'x' WHERE ID = 1"),
            ("execute_delete", "DELETE FROM wp_posts WHERE ID = 1"), ("execute_insert", "INSERT INTO wp_posts (post_title) VALUES ('x')")):
        r = c.tool(tool, {"query": sql, "defaultCatalog": "blog"})
        assert "error" in r.json or r.result.get("isError"), (tool, sql, r.json)
    assert sum_of() == before
