# SPDX-License-Identifier: ISC
"""A tool with a view (examples/apps): offered, listed, read, checked, and shown
by chromium in a host of a few lines."""
import json
import os
import shutil
import subprocess
import tempfile

import run
from client import ERAS, MODERN, Client

HERE = os.path.dirname(os.path.abspath(__file__))
APPS = os.path.join(HERE, "..", "..", "examples", "apps")
UI = "io.modelcontextprotocol/ui"
MIME = "text/html;profile=mcp-app"
KEYS = {}


def read(name):
    with open(os.path.join(APPS, name)) as f:
        return f.read()


CONF = 'limits = { rate = "100000/min"; burst = 10000; };\n' + read("mcp.conf").replace("/var/lib/mcp-fcgi", "state").replace("https://example.org/mcp", "http://127.0.0.1/mcp").replace("/srv/shop/shop.db", "data/shop.db")


def prepare(site):
    for name in ("orders.html", "orders.json"):
        shutil.copy(os.path.join(APPS, name), site.root)
    site.own()
    KEYS["reader"] = site.key("apps", "--scope", "read")


def orders(c, day="2026-03-03", **more):
    return c.tool("orders_of_day", {"day": day}, **more)


def test_offered_listed_and_read(server):
    for era in ERAS:
        c = Client(server.url, KEYS["reader"], era)
        can = c.call("server/discover" if era == MODERN else "initialize", {} if era == MODERN else {"protocolVersion": era, "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}).result["capabilities"]
        assert can["extensions"][UI] == {}, can
        tool = [t for t in c.call("tools/list").result["tools"] if t["name"] == "orders_of_day"][0]
        given = json.loads(read("orders.json"))
        assert tool["inputSchema"] == given["inputSchema"], tool
        if era >= "2025-06-18":
            assert tool["_meta"] == given["_meta"] and tool["title"] == given["title"], tool
        if era >= "2025-03-26":
            assert tool["annotations"] == {"readOnlyHint": True, **given["annotations"]}, tool
        item = c.call("resources/read", {"uri": "ui://shop/orders"}).result["contents"][0]
        assert item == {"uri": "ui://shop/orders", "mimeType": MIME, "text": read("orders.html"), "_meta": {"ui": {"prefersBorder": True}}}, item


def test_arguments_by_the_schema_of_the_file(lighttpd):
    c = Client(lighttpd.url, KEYS["reader"], MODERN)
    good = orders(c, extra={"Mcp-Param-Day": "2026-03-03"}).result
    assert good["structuredContent"]["results"][0]["rows"], good
    bad = orders(c, day="yesterday", extra={"Mcp-Param-Day": "yesterday"}).result
    assert bad["isError"] and "day" in bad["content"][0]["text"], bad
    assert c.tool("orders_of_day", {}).result["isError"]
    for header in ({}, {"Mcp-Param-Day": "2026-03-04"}):
        a = orders(c, extra=header)
        assert a.status == 400 and a.error["code"] == -32020, a


def test_mistakes_are_named(lighttpd, site):
    given = json.loads(read("orders.json"))
    path = os.path.join(site.root, "orders.json")
    wrong = (
        ({"_meta": {"ui": {"resourceUri": "ui://shop/none"}}}, "there is no resource ui://shop/none"),
        ({"_meta": {"ui": {"resourceUri": "https://example.org"}}}, "must begin with ui://"),
        ({"_meta": {"ui": {"visibility": ["all"]}}}, "a list of model and app"),
        ({"_meta": {"ui": "x"}}, "_meta.ui must be an object"),
        ({"inputSchema": {"type": "object", "properties": {"month": {}}}}, 'params lacks "month"'),
        ({"outputSchema": {"type": "object"}}, "a schema of its own"),
        ({"task": "sometimes"}, "must be auto, never or always"),
        ({"task": "always"}, "tasks.enabled is false"),
    )
    try:
        for change, words in wrong:
            with open(path, "w") as f:
                json.dump({**given, **change}, f)
            p = site.ctl("check", "--config", site.conf, check=False)
            assert p.returncode != 0 and words in p.stdout + p.stderr, (change, p)
    finally:
        shutil.copy(os.path.join(APPS, "orders.json"), site.root)
        site.own()
    assert site.ctl("check", "--config", site.conf).returncode == 0


HOST = """<!doctype html><meta charset="utf-8"><pre id="log"></pre><div id="seen"></div>
<script>
const frame = document.createElement("iframe"), log = document.getElementById("log");
function tell(message) { frame.contentWindow.postMessage(Object.assign({ jsonrpc: "2.0" }, message), "*"); }
window.addEventListener("message", (e) => {
  const m = e.data;
  log.textContent += (m.method || "answer") + "\\n";
  if (m.method === "ui/initialize")
    tell({ id: m.id, result: { protocolVersion: "2026-01-26", hostInfo: { name: "host", version: "1" }, hostCapabilities: {}, hostContext: { theme: "dark" } } });
  if (m.method === "ui/notifications/initialized") {
    tell({ method: "ui/notifications/tool-input", params: { arguments: { day: "2026-03-03" } } });
    tell({ method: "ui/notifications/tool-result", params: @RESULT@ });
    setTimeout(() => { document.getElementById("seen").innerHTML = frame.contentDocument.body.innerHTML; }, 500);
  }
});
frame.srcdoc = @PAGE@;
document.body.append(frame);
</script>
"""


def test_shown_by_a_browser(lighttpd):
    chromium = shutil.which("chromium")
    if chromium is None:
        raise run.Skip("chromium is not installed")
    c = Client(lighttpd.url, KEYS["reader"], MODERN)
    result = orders(c, extra={"Mcp-Param-Day": "2026-03-03"}).result
    result["structuredContent"]["results"][0]["rows"][0][1] = "<b>bold</b>"
    page = c.call("resources/read", {"uri": "ui://shop/orders"}).result["contents"][0]["text"]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "host.html")
        with open(path, "w") as f:
            f.write(HOST.replace("@RESULT@", json.dumps(result).replace("</", "<\\/")).replace("@PAGE@", json.dumps(page).replace("</", "<\\/")))
        p = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + folder, "--virtual-time-budget=5000", "--dump-dom", "file://" + path], capture_output=True, text=True, timeout=120)
    shown = p.stdout[p.stdout.index('id="seen"'):p.stdout.index("<script>", p.stdout.index('id="seen"'))]
    assert "Orders of 2026-03-03" in shown, p.stdout[-3000:]
    rows = result["structuredContent"]["results"][0]["rows"]
    assert shown.count("<tr>") == len(rows) + 2, shown
    assert "&lt;b&gt;bold" in shown and "<b>bold" not in shown, shown
    assert "%.2f" % sum(r[2] for r in rows) in shown, shown
    assert "ui/initialize" in p.stdout and "ui/notifications/size-changed" in p.stdout
