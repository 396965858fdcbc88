# SPDX-License-Identifier: ISC
"""Real clients from npm against real servers."""
import json
import os

import npm
import servers

SERVERS = (servers.Lighttpd, servers.ApacheFcgid, servers.Nginx)
KEYS = {}


def token(site):
    if site not in KEYS:
        KEYS[site] = site.key("client")
    return KEYS[site]


def line(p):
    assert p.returncode == 0, p.stdout + p.stderr
    return json.loads(p.stdout.strip().split("\n")[-1])


def row(x):
    return x["row"]["results"][0]["rows"]


def client2(build, url, site, era):
    return line(npm.run(build, "client2.mjs", url, era, env={"PAT": token(site)}))


def test_official_client_legacy(server, site, build):
    x = client2(build, server.url, site, "legacy")
    assert x["era"] == "legacy" and row(x) == [[7, 8.75]] and x["wrong"] is True and x["unknown"] == -32602, x


def test_official_client_auto(server, site, build):
    x = client2(build, server.url, site, "auto")
    assert x["era"] == "modern" and row(x) == [[7, 8.75]] and x["wrong"] is True and x["unknown"] == -32602, x


def test_official_client_pinned(server, site, build):
    x = client2(build, server.url, site, "2026-07-28")
    assert x["era"] == "modern" and row(x) == [[7, 8.75]] and "execute_select" in x["tools"], x


def test_sdk_of_the_first_generation(server, site, build):
    x = line(npm.run(build, "sdk1.mjs", server.url, env={"PAT": token(site)}))
    assert row(x) == [[7, 8.75]] and x["server"]["name"] == "mcp-fcgi", x


def test_mcp_remote(lighttpd, site, build):
    remote = os.path.join(npm.place(build), "node_modules", "mcp-remote", "dist", "proxy.js")
    x = line(npm.run(build, "remote.mjs", lighttpd.url, remote, env={"PAT": token(site), "SCRATCH": site.dir}))
    assert row(x) == [[7, 8.75]], x


def test_inspector_cli(lighttpd, site, build):
    cli = os.path.join(npm.place(build), "node_modules", ".bin", "mcp-inspector")
    p = npm.run(build, os.path.realpath(cli), "--cli", lighttpd.url, "--transport", "http", "--method", "tools/list", "--header", "Authorization: Bearer " + token(site))
    assert p.returncode == 0, p.stdout + p.stderr
    assert "execute_select" in [t["name"] for t in json.loads(p.stdout)["tools"]], p.stdout[:500]
