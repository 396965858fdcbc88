# SPDX-License-Identifier: ISC
"""The one file for shared hosting: built, then uploaded beside a .htaccess."""
import os
import shutil
import subprocess

import servers
from client import Client

TOP = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))


def static_build(build):
    """Configure and compile in a folder of its own; a second run is quick."""
    to = os.path.join(build, "static")
    os.makedirs(to, exist_ok=True)
    if not os.path.exists(os.path.join(to, "Makefile")):
        subprocess.run([os.path.join(TOP, "configure"), "--enable-static-handler"], cwd=to, check=True, stdout=subprocess.DEVNULL, timeout=300)
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
