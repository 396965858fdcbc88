# SPDX-License-Identifier: ISC
"""The one file for shared hosting: built, then uploaded beside a .htaccess."""
import os
import shutil
import subprocess

import mariadbserver
import servers
from client import Client
from mcpsite import CONF as USUAL
from run import Skip

TOP = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))


def static_build(build, driver=None):
    """Configure and compile in a folder of its own; a second run is quick."""
    to = os.path.join(build, "static" + ("-" + driver if driver else ""))
    option = "--enable-static-handler" + ("=" + driver if driver else "")
    os.makedirs(to, exist_ok=True)
    if not os.path.exists(os.path.join(to, "Makefile")):
        subprocess.run([os.path.join(TOP, "configure"), option], cwd=to, check=True, stdout=subprocess.DEVNULL, timeout=300)
    p = subprocess.run(["make", "-j2", "mcp.fcgi"], cwd=to, capture_output=True, text=True, timeout=600)
    assert p.returncode == 0, p.stderr[-2000:]
    return os.path.join(to, "mcp.fcgi")


def test_one_file_serves_shared_hosting(build, site):
    path = static_build(build)
    out = subprocess.run(["ldd", path], capture_output=True, text=True)
    assert "not a dynamic" in out.stdout + out.stderr or "statically linked" in out.stdout, out
    small = os.path.join(site.dir, "small")
    subprocess.run(["strip", "-o", small, path], check=True)
    assert os.path.getsize(small) < 4 << 20, os.path.getsize(small)
    token = site.key("static")
    shutil.copy(small, site.program("mcp.fcgi"))
    for kind in (servers.ApacheHtaccess, servers.Lighttpd):
        with kind(site) as s:
            c = Client(s.url, token)
            assert "execute_select" in c.names()
            r = c.select("SELECT id, total FROM orders WHERE id = 3").result
            assert r["structuredContent"]["results"][0]["rows"] == [[3, 3.75]], r


def test_one_file_with_mariadb(build, site):
    if mariadbserver.missing():
        raise Skip("the package mariadb-server is not installed here")
    path = static_build(build, "mariadb")
    out = subprocess.run(["ldd", path], capture_output=True, text=True)
    assert "not a dynamic" in out.stdout + out.stderr or "statically linked" in out.stdout, out
    small = os.path.join(site.dir, "small-mariadb")
    subprocess.run(["strip", "-o", small, path], check=True)
    assert os.path.getsize(small) < 10 << 20, os.path.getsize(small)
    m = mariadbserver.MariaDB()
    try:
        m.sql("CREATE DATABASE shop; CREATE TABLE shop.t (a bigint unsigned); INSERT INTO shop.t VALUES (18446744073709551615); CREATE USER mcp@localhost IDENTIFIED BY 'hush'; CREATE USER mcp@'127.0.0.1' IDENTIFIED BY 'hush'; GRANT SELECT ON shop.* TO mcp@localhost; GRANT SELECT ON shop.* TO mcp@'127.0.0.1'")
        at = 'driver = "mariadb"; database = "shop"; user = "mcp"; password = "hush";'
        site.configure(USUAL.replace("sources  = {", """sources  = {
    near = { %s socket = "%s"; };
    far = { %s host = "127.0.0.1"; port = %d; };""" % (at, m.socket, at, m.port), 1))
        token = site.key("static-mariadb")
        shutil.copy(small, site.program("mcp.fcgi"))
        with servers.ApacheHtaccess(site) as s:
            c = Client(s.url, token)
            for name in ("near", "far"):
                r = c.tool(name + "_execute_select", {"query": "SELECT a FROM t"}).result
                assert not r.get("isError"), (name, r)
                assert r["structuredContent"]["results"][0]["rows"] == [["18446744073709551615"]], r
            r = c.tool("far_execute_select", {"query": "DELETE FROM t"}).result
            assert r["isError"], r
            r = c.tool("shop_execute_select", {"query": "SELECT id FROM orders WHERE id = 3"}).result
            assert r["structuredContent"]["results"][0]["rows"] == [[3]], r
    finally:
        m.close()
