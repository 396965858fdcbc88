# SPDX-License-Identifier: ISC
"""Resources, prompts and completion through real servers, in every revision;
folders that nobody gets out of; the official client."""
import base64
import json
import os
import shutil

import npm
import schema_check
import servers
from client import ERAS, MODERN, Client
from fastcgi import Program
from mcpsite import CONF as USUAL

HERE = os.path.dirname(os.path.abspath(__file__))
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")
MORE = """
resources = {
    text = { uri = "test://static-text"; mime = "text/plain"; text = "This is the content of the static text resource."; };
    binary = { uri = "test://static-binary"; path = "docs/dot.png"; };
    template = { uri = "test://template/{id}/data"; mime = "application/json"; text = "{\\"id\\":\\"{{id}}\\",\\"templateTest\\":true,\\"data\\":\\"Data for ID: {{id}}\\"}"; };
    all = { uri = "docs://all"; folder = "docs"; };
    page = { uri = "page://{lang}/{name}"; folder = "docs"; };
    deep = { uri = "deep://{+path}"; folder = "docs"; };
    ours = { uri = "test://ours"; text = "of the shop"; source = "shop"; };
    app = { uri = "ui://view.html"; text = "<!doctype html>"; ui_connect = [ "https://example.org" ]; ui_border = true; };
};
prompts = {
    with_all = {
        about = "Every kind of message";
        params = { uri = { about = "U"; required = true; }; word = { about = "W"; enum = [ "hello", "help" ]; };
                   table = { about = "T"; complete = "tables"; }; };
        messages = ( { text = "Word: {{word}}"; }, { role = "assistant"; image = "docs/dot.png"; },
                     { audio = "docs/beep.wav"; }, { resource = "{{uri}}"; text = "Embedded"; },
                     { resource = "schema://shop/main/customers"; } );
    };
    asks = {
        about = "Asks first";
        ask = { user_context = { message = "What is it about?"; params = { context = { about = "C"; required = true; }; }; }; };
        messages = ( { text = "About {{user_context.context}}"; } );
    };
};
"""
CONF = USUAL + MORE
KEYS = {}
SERVERS = (servers.Lighttpd, servers.LighttpdCgi, servers.ApacheFcgid, servers.Nginx)


def put(site, name, data):
    path = os.path.join(site.root, "docs", name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    os.chmod(path, 0o644)


def prepare(site):
    put(site, "intro.md", b"# Hi\n")
    put(site, "en/page.txt", b"page")
    put(site, "dot.png", PNG)
    put(site, "beep.wav", b"RIFF\0\0\0\0WAVE")
    put(site, ".hidden", b"whispered words")
    for name, target in (("passwd", "/etc/passwd"), ("etc", "/etc"), ("up", ".."), ("inside", "intro.md")):
        os.symlink(target, os.path.join(site.root, "docs", name))
    os.mkfifo(os.path.join(site.root, "docs", "pipe"))
    for path, folders, _ in os.walk(os.path.join(site.root, "docs")):
        os.chmod(path, 0o755)
    if os.getuid() == 0:
        for path, folders, files in os.walk(os.path.join(site.root, "docs")):
            for f in [path] + [os.path.join(path, x) for x in files]:
                if not os.path.islink(f):
                    shutil.chown(f, servers.USER, servers.USER)


def client(server, site, era, name="reader", *options):
    if (site, name) not in KEYS:
        KEYS[site, name] = site.key(name, *(options or ("--scope", "read", "--source", "*:SELECT")))
    return Client(server.url, KEYS[site, name], era)


def asked(c, method, params=None, **kw):
    """The result, once it fits the schema of its revision."""
    if c.era == ERAS[0]:  # without the header it would be the next one
        kw["extra"] = {"MCP-Protocol-Version": c.era}
    a = c.call(method, params, **kw)
    assert a.status == 200, a
    complaints = schema_check.check_message(c.era, a.json, method)
    assert not complaints, (c.era, method, complaints, a)
    return a.result


def content(c, uri):
    found = asked(c, "resources/read", {"uri": uri})["contents"]
    assert len(found) == 1 and found[0]["uri"] == uri, found
    return found[0]


def refused(c, uri):
    a = c.call("resources/read", {"uri": uri})
    want = -32602 if c.era == MODERN else -32002
    assert a.status == 200 and a.error["code"] == want and a.error["data"]["uri"] == uri, (uri, a)
    assert b"root:" not in a.body and b"whispered" not in a.body, (uri, a)
    complaints = schema_check.check_message(c.era, a.json, "resources/read")
    assert not complaints, (c.era, complaints, a)


def test_everything_in_every_revision(server, site):
    for era in ERAS:
        c = client(server, site, era)
        listed = {r["uri"]: r for r in asked(c, "resources/list")["resources"]}
        assert set(listed) == {
            "test://static-text", "test://static-binary", "docs://all/beep.wav", "docs://all/dot.png", "docs://all/en/page.txt",
            "docs://all/intro.md", "test://ours", "ui://view.html", "schema://log", "schema://log/main/events", "schema://shop",
            "schema://shop/main/big_orders", "schema://shop/main/customers", "schema://shop/main/kinds", "schema://shop/main/orders",
        }, sorted(listed)
        assert listed["docs://all/intro.md"]["size"] == 5 and listed["docs://all/intro.md"]["mimeType"] == "text/markdown"
        for uri in listed:
            content(c, uri)
        assert content(c, "test://static-text")["text"].startswith("This is the content")
        binary = content(c, "test://static-binary")
        assert base64.b64decode(binary["blob"]) == PNG and binary["mimeType"] == "image/png", binary
        assert json.loads(content(c, "test://template/123/data")["text"]) == {"id": "123", "templateTest": True, "data": "Data for ID: 123"}
        assert content(c, "page://en/page.txt")["text"] == content(c, "deep://en/page.txt")["text"] == "page"
        table = json.loads(content(c, "schema://shop/main/customers")["text"])
        assert [x["name"] for x in table["columns"]] == ["id", "name", "phone", "country"], table
        assert len(table["sample"]["rows"]) == 5 and table["sample"]["rows"][0]["phone"] == "***", table
        assert "hidden_salaries" not in content(c, "schema://shop")["text"]
        templates = asked(c, "resources/templates/list")["resourceTemplates"]
        assert len(templates) == 5, templates
        prompts = [p["name"] for p in asked(c, "prompts/list")["prompts"]]
        assert prompts == ["create-greeting", "search_metadata", "with_all", "asks"], prompts
        got = asked(c, "prompts/get", {"name": "with_all", "arguments": {"uri": "test://example-resource", "word": "help"}})
        kinds = [m["content"]["type"] for m in got["messages"]]
        assert kinds == ["text", "image", "resource" if era == ERAS[0] else "audio", "resource", "resource"], kinds
        assert got["messages"][3]["content"]["resource"]["uri"] == "test://example-resource", got
        done = asked(c, "completion/complete", {"ref": {"type": "ref/prompt", "name": "with_all"}, "argument": {"name": "table", "value": "o"}})
        assert done["completion"]["values"] == ["orders"], done
        refused(c, "test://none")


def test_nothing_outside_the_folder(server, site):
    with open(os.path.join(HERE, "..", "cases", "attacks", "resources.txt"), encoding="utf-8") as f:
        uris = [line.rstrip("\n") for line in f if not line.startswith("#")]
    assert len(uris) > 70
    c = client(server, site, "2025-11-25")
    for uri in uris:
        refused(c, uri)
    refused(client(server, site, MODERN), "docs://all/%2e%2e%2fmcp.conf")


def test_what_a_folder_holds_is_seen_at_once(lighttpd, site):
    c = client(lighttpd, site, MODERN)
    put(site, "new/one.md", b"one")
    os.chmod(os.path.join(site.root, "docs", "new"), 0o755)
    assert content(c, "docs://all/new/one.md")["text"] == "one"
    put(site, "new/one.md", b"two")
    assert content(c, "docs://all/new/one.md")["text"] == "two"
    shutil.rmtree(os.path.join(site.root, "docs", "new"))
    refused(c, "docs://all/new/one.md")
    assert "docs://all/new/one.md" not in [r["uri"] for r in asked(c, "resources/list")["resources"]]


def test_a_new_folder_is_read_without_a_restart(lighttpd, site):
    """The sandbox of a worker grows by being replaced."""
    c = client(lighttpd, site, "2025-06-18")
    there = os.path.join(site.root, "other")
    os.makedirs(there, exist_ok=True)
    with open(os.path.join(there, "x.txt"), "w") as f:
        f.write("elsewhere")
    os.chmod(there, 0o755)
    site.own()
    refused(c, "other://x/x.txt")
    site.configure(CONF.replace("resources = {", 'resources = {\n    other = { uri = "other://x"; folder = "other"; };'))
    servers.wait_until(lambda: "result" in c.call("resources/read", {"uri": "other://x/x.txt"}).json)
    site.configure(CONF)
    servers.wait_until(lambda: "error" in c.call("resources/read", {"uri": "other://x/x.txt"}).json)


def test_rights(lighttpd, site):
    log = client(lighttpd, site, "2025-11-25", "logs", "--scope", "read", "--source", "log:SELECT")
    listed = [r["uri"] for r in asked(log, "resources/list")["resources"]]
    assert "schema://log/main/events" in listed and not [u for u in listed if "shop" in u or "ours" in u], listed
    for uri in ("schema://shop", "schema://shop/main/orders", "test://ours"):
        refused(log, uri)
    got = log.call("prompts/get", {"name": "with_all", "arguments": {"uri": "a:b"}})
    assert got.error["code"] == -32002, got
    all_ = client(lighttpd, site, "2025-11-25")
    narrow = all_.call("resources/read", {"uri": "schema://shop"}, path="/connections/log")
    assert narrow.error["code"] == -32002, narrow
    assert all_.call("resources/read", {"uri": "schema://log"}, path="/connections/log").result
    nobody = Client(lighttpd.url, None, "2025-11-25")
    for method in ("resources/list", "resources/templates/list", "resources/read", "prompts/list", "prompts/get", "completion/complete"):
        assert nobody.call(method, {"uri": "test://static-text", "name": "asks"}).status == 401


def test_a_prompt_asks_first(lighttpd, site):
    c = client(lighttpd, site, MODERN)
    first = asked(c, "prompts/get", {"name": "asks"}, capabilities={"elicitation": {}})
    assert first["resultType"] == "input_required" and list(first["inputRequests"]) == ["user_context"], first
    more = {"name": "asks", "requestState": first["requestState"],
            "inputResponses": {"user_context": {"action": "accept", "content": {"context": "{{x}}"}}}}
    done = asked(c, "prompts/get", more, capabilities={"elicitation": {}})
    assert done["messages"][0]["content"]["text"] == "About {{x}}", done
    other = c.call("prompts/get", dict(more, name="with_all"), capabilities={"elicitation": {}})
    assert other.error["code"] == -32602, other


def test_the_audit_has_what_was_read(lighttpd, site):
    c = client(lighttpd, site, "2025-11-25")
    content(c, "schema://shop/main/orders")
    refused(c, "docs://all/../mcp.conf")
    asked(c, "prompts/get", {"name": "create-greeting", "arguments": {"name": "Ann"}})
    lines = site.audit()[-4:]
    assert [(x["event"], x["method"], x.get("tool")) for x in lines] == [
        ("begin", "resources/read", "schema://shop/main/orders"), ("call", "resources/read", "schema://shop/main/orders"),
        ("denied", "resources/read", "docs://all/../mcp.conf"), ("call", "prompts/get", "create-greeting")], lines
    assert lines[1]["source"] == "shop" and lines[1]["rows"] == 5 and "orders" in lines[1]["sql"], lines


def test_not_out_of_the_document_root(site):
    ping = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    with Program(site, site.conf) as p:
        r = p.post(ping, ("DOCUMENT_ROOT", os.path.join(site.root, "docs")))
        assert r.status == 503 and site.dir.encode() not in r.out, r.out
        assert "document root" in p.stderr()
        assert p.post(ping, ("DOCUMENT_ROOT", "/var/www/html")).status == 200


def official(build, server, site, era):
    p = npm.run(build, "content.mjs", server.url, era, env={"PAT": client(server, site, MODERN).token})
    assert p.returncode == 0, p.stdout + p.stderr
    x = json.loads(p.stdout.strip().split("\n")[-1])
    assert x["read"]["test://static-binary"] == PNG.hex() and x["read"]["docs://all/intro.md"] == "# Hi\n", x
    assert len(x["read"]) == 15 and len(x["templates"]) == 5, x
    assert json.loads(x["template"])["id"] == "123", x
    assert x["prompts"] == ["create-greeting", "search_metadata", "with_all", "asks"], x
    assert x["kinds"] == ["text", "image", "audio", "resource", "resource"], x
    assert x["completed"] == {"values": ["orders"], "total": 1, "hasMore": False}, x
    return x


def test_official_client_legacy(lighttpd, site, build):
    x = official(build, lighttpd, site, "legacy")
    assert x["era"] == "legacy" and x["unknown"] in (-32002, -32602) and x["asked"] == -32603, x


def test_official_client_modern(lighttpd, site, build):
    x = official(build, lighttpd, site, "auto")
    assert x["era"] == "modern" and x["unknown"] == -32602 and x["asked"] == "About tests", x
