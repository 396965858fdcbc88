# SPDX-License-Identifier: ISC
"""The recipes of examples/web/recipes-*.conf, in real web servers: a tool is
allowed, refused, throttled and logged by the headers of its call, and what is
refused never reaches us."""
import json
import os
import re
import threading

import servers
from client import MODERN, Client, request
from mcpsite import CONF as USUAL

HERE = os.path.dirname(os.path.abspath(__file__))
WEB = os.path.join(HERE, "..", "..", "examples", "web")
CONF = USUAL
SERVERS = ()
TOOLS = {
    "region.sh": "#!/bin/sh\ncat >/dev/null\necho here\n",
    "report.sh": "#!/bin/sh\n# about: Takes its time\n# readOnly: yes\ndate +%s%N\nsleep 0.3\ndate +%s%N\n",
    "region.json": json.dumps({"description": "Takes a region", "inputSchema": {"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}}, "annotations": {"readOnlyHint": True}}),
}
SELECT = {"query": "SELECT 1", "defaultCatalog": "shop"}


def prepare(site):
    folder = os.path.join(site.root, "tools.d")
    os.mkdir(folder, 0o755)
    for name, text in TOOLS.items():
        with open(os.path.join(folder, name), "w") as f:
            f.write(text)
        os.chmod(f.name, 0o644 if name.endswith(".json") else 0o755)
    site.configure(USUAL.replace('"execute_select", "orders_of_day"', '"execute_select", "orders_of_day", "region"'))
    os.symlink("mcp.fcgi", os.path.join(site.bin, "report.fcgi"))
    site.token = site.key("recipes")


def recipe(name, site, folder):
    """The example with the paths of this machine."""
    with open(os.path.join(WEB, "recipes-%s.conf" % name)) as f:
        text = f.read()
    for a, b in (("/usr/lib/mcp-fcgi/", site.bin + "/"), ("/etc/mcp-fcgi/mcp.conf", site.conf), ("/run/lighttpd/", folder + "/"),
                 ("/var/log/lighttpd/", folder + "/"), ("/var/log/apache2/", folder + "/"), ("/var/log/nginx/", folder + "/")):
        text = text.replace(a, b)
    return text


def lighttpd(site, kind=servers.Lighttpd):
    s = kind(site)
    # conf-available is read in the order of its names: ours is the later one.
    s.after = recipe("lighttpd", site, s.dir)
    return s


def apache(site):
    s = servers.ApacheFcgid(site, modules=("rewrite",))
    s.more = recipe("apache", site, s.dir)
    return s


def nginx(site):
    s = servers.Nginx(site)
    s.more, s.inside = recipe("nginx", site, s.dir).split("# ---- into the location")
    return s


class Htaccess(servers.ApacheHtaccess):
    """The rules 1 to 3 behind what stands in .htaccess on shared hosting."""

    def body(self):
        lines = super().body()
        with open(os.path.join(self.dir, "www", ".htaccess"), "a") as f:
            f.write("".join(re.findall(r"<If .*?</If>\n", recipe("apache", self.site, self.dir).split("# 4.")[0], re.S)))
        return lines


MAKE = {"lighttpd": lighttpd, "apache": apache, "nginx": nginx, "htaccess": Htaccess}


class Watched:
    """A server with its recipes, and what of a call reached us."""

    def __init__(self, name, site):
        self.site, self.server = site, MAKE[name](site)

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *_):
        self.server.stop()

    def client(self, era=MODERN):
        return Client(self.server.url, self.site.token, era)

    def lines(self):
        return len(self.site.audit()) if os.path.exists(self.site.state("audit.jsonl")) else 0

    def refused(self, send, status=403):
        """The server's own answer, and not a trace in our audit."""
        before = self.lines()
        a = send()
        assert a.status == status and not a.body.startswith(b"{"), a
        assert self.lines() == before, self.site.audit()[before:]

    def ours(self, send, status, code):
        a = send()
        assert a.status == status and a.error["code"] == code, a

    def passes(self, send):
        before = self.lines()
        a = send()
        assert a.status == 200 and "result" in a.json and not a.result.get("isError"), a
        assert self.lines() > before


def all_servers(fn, names=("lighttpd", "apache", "nginx")):
    """The test once for each server; SERVERS would start them without recipes."""
    def run(site):
        for name in names:
            with Watched(name, site) as w:
                try:
                    fn(w)
                except AssertionError as e:
                    raise AssertionError("%s: %s" % (name, e)) from e
    run.__name__ = fn.__name__
    return run


@all_servers
def test_refused_and_allowed(w):
    c = w.client()
    w.passes(lambda: c.select("SELECT 1"))
    assert c.call("tools/list").status == 200 and c.call("server/discover").status == 200
    w.refused(lambda: c.tool("execute_sql", SELECT))
    w.passes(lambda: c.tool("region", {"region": "north"}, extra={"Mcp-Param-Region": "north"}))
    w.refused(lambda: c.tool("region", {"region": "south"}, extra={"Mcp-Param-Region": "south"}))
    w.refused(lambda: c.tool("region", {}))
    w.passes(lambda: c.tool("orders_of_day", {"day": "2026-02-02"}, path="/toolkits/small"))
    w.refused(lambda: c.tool("execute_select", SELECT, path="/toolkits/small"))
    assert c.call("tools/list", path="/toolkits/small").status == 200
    assert request(w.server.url, "GET").status == 200


def refused_by_htaccess(w):
    c = w.client()
    w.passes(lambda: c.select("SELECT 1"))
    w.refused(lambda: c.tool("execute_sql", SELECT))
    w.refused(lambda: c.tool("execute_sql", SELECT, extra={"Mcp-Name": "=?base64?ZXhlY3V0ZV9zcWw=?="}))
    w.passes(lambda: c.tool("region", {"region": "north"}, extra={"Mcp-Param-Region": "north"}))
    w.refused(lambda: c.tool("region", {"region": "south"}, extra={"Mcp-Param-Region": "south"}))
    w.refused(lambda: w.client("2025-06-18").select("SELECT 1"))


def test_shared_hosting(site):
    all_servers(refused_by_htaccess, ("htaccess",))(site)


@all_servers
def test_older_clients_are_refused(w):
    for era in ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"):
        c = w.client(era)
        w.refused(lambda: c.select("SELECT 1"))
        w.refused(lambda: c.call("initialize", {"protocolVersion": era, "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}}))
    # A header alone makes no body modern.
    c = w.client("2025-06-18")
    head = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/list"}
    w.ours(lambda: c.tool("execute_sql", SELECT, extra=head), 400, -32602)
    w.ours(lambda: request(w.server.url, body=json.dumps([c.message("tools/call", {"name": "execute_sql", "arguments": SELECT})]).encode(), headers={**c.headers("x", {}), **head}), 400, -32600)


@all_servers
def test_a_header_cannot_lie(w):
    c = w.client()
    for lie in ({"Mcp-Name": "execute_select"}, {"Mcp-Method": "ping", "Mcp-Name": "x"}):
        w.ours(lambda: c.tool("execute_sql", SELECT, extra=lie), 400, -32020)
    # The same name in another dress: Base64, no name, blanks around it.
    for dress in ("=?base64?ZXhlY3V0ZV9zcWw=?=", "", " execute_sql ", "execute_sql\t"):
        w.refused(lambda: c.tool("execute_sql", SELECT, extra={"Mcp-Name": dress}))
    # Underscores for hyphens, beside an innocent one and alone; and two of one name.
    m = c.message("tools/call", {"name": "execute_sql", "arguments": SELECT})
    head = [(k, v) for k, v in c.headers("tools/call", {"name": "execute_sql"}).items() if k != "Mcp-Name"]
    for more in ([("Mcp_Name", "execute_sql")], [("Mcp_Name", "execute_sql"), ("Mcp-Name", "region"), ("Mcp-Param-Region", "north")],
                 [("Mcp-Name", "execute_select"), ("Mcp_Name", "execute_sql")], [("Mcp-Name", "execute_select"), ("Mcp-Name", "execute_sql")],
                 [("Mcp-Name", "execute_sql"), ("Mcp-Name", "execute_select")], [("MCP-NAME", "execute_sql")]):
        before = w.lines()
        a = request(w.server.url, body=json.dumps(m).encode(), headers=head + more)
        assert a.status in (400, 403), (more, a)
        assert all(line.get("event") != "call" for line in w.site.audit()[before:]), (more, w.site.audit()[before:])


@all_servers
def test_logged(w):
    c = w.client()
    w.passes(lambda: c.select("SELECT 1"))
    w.passes(lambda: c.tool("orders_of_day", {"day": "2026-02-02"}))
    name = w.server.dir
    w.server.stop()  # lighttpd and nginx write their lines at the latest now
    with open(os.path.join(name, "mcp-tools.log")) as f:
        lines = f.read().splitlines()
    assert len(lines) == 1 and lines[0].endswith("200 tools/call execute_select"), lines


def at_once(c, tool, n):
    got = []
    threads = [threading.Thread(target=lambda: got.append(c.tool(tool))) for _ in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return got


def test_one_at_a_time(site):
    """lighttpd and Apache: one report runs, the others wait; the rest does not."""
    for name in ("lighttpd", "apache"):
        with Watched(name, site) as w:
            answers = at_once(w.client(), "report", 3)
            spans = sorted(tuple(map(int, a.result["content"][0]["text"].split())) for a in answers)
            assert len(spans) == 3 and all(a[1] <= b[0] for a, b in zip(spans, spans[1:])), (name, spans)
            w.passes(lambda: w.client().select("SELECT 1"))


def test_some_in_a_minute(site):
    """nginx: the third at once is one too many, for this token alone."""
    with Watched("nginx", site) as w:
        c = w.client()
        for _ in range(2):
            w.passes(lambda: c.tool("report"))
        w.refused(lambda: c.tool("report"), 429)
        w.passes(lambda: c.select("SELECT 1"))
        other = Client(w.server.url, site.key("other"), MODERN)
        assert other.tool("report").status == 200


def test_without_the_recipes_they_run_side_by_side(site):
    """What test_one_at_a_time sees is the recipe's doing."""
    with servers.Lighttpd(site, workers=3) as s:
        answers = at_once(Client(s.url, site.token, MODERN), "report", 3)
        spans = sorted(tuple(map(int, a.result["content"][0]["text"].split())) for a in answers)
        assert any(b[0] < a[1] for a, b in zip(spans, spans[1:])), spans
