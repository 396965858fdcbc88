# SPDX-License-Identifier: ISC
"""HTTP as a script author or a hostile client writes it."""
import base64
import http.client
import json
import socket
from urllib.parse import urlsplit

ERAS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28")
MODERN = "2026-07-28"
META = "io.modelcontextprotocol/"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        if self.headers.get("content-type", "").startswith("text/event-stream"):
            return self.events[-1]
        return json.loads(self.body)

    @property
    def events(self):
        found = []
        for block in self.body.decode().split("\n\n"):
            data = [line[5:].strip() for line in block.split("\n") if line.startswith("data:")]
            if data and data[0]:
                found.append(json.loads("\n".join(data)))
        return found

    @property
    def result(self):
        if "result" not in self.json:
            raise AssertionError(self)
        return self.json["result"]

    @property
    def error(self):
        return self.json["error"]

    def __repr__(self):
        return "%d %r" % (self.status, self.body[:600])


def basic(token, user="anyone"):
    return "Basic " + base64.b64encode(("%s:%s" % (user, token)).encode()).decode()


def request(url, method="POST", body=None, headers=(), timeout=30):
    """One request, exactly these headers (a list may repeat a name)."""
    u = urlsplit(url)
    c = http.client.HTTPConnection(u.hostname, u.port, timeout=timeout)
    try:
        c.putrequest(method, (u.path or "/") + ("?" + u.query if u.query else ""), skip_host=True, skip_accept_encoding=True)
        given = list(headers.items()) if isinstance(headers, dict) else list(headers)
        names = {k.lower() for k, _ in given}
        if "host" not in names:
            c.putheader("Host", u.netloc)
        if body is not None and "content-length" not in names and "transfer-encoding" not in names:
            c.putheader("Content-Length", str(len(body)))
        for k, v in given:
            c.putheader(k, v)
        c.endheaders()
        if body is not None:
            try:
                c.send(body)
            except (BrokenPipeError, ConnectionResetError):
                pass
        r = c.getresponse()
        got = {}
        for k, v in r.getheaders():
            got[k.lower()] = got[k.lower()] + ", " + v if k.lower() in got else v
        return Answer(r.status, got, r.read())
    finally:
        c.close()


def raw(url, data, timeout=30):
    """Bytes as they are; the bytes that come back."""
    u = urlsplit(url)
    with socket.create_connection((u.hostname, u.port), timeout) as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        out = b""
        while True:
            piece = s.recv(65536)
            if not piece:
                return out
            out += piece


class Client:
    """Speaks one revision with one token."""

    def __init__(self, url, token=None, era="2025-11-25", **headers):
        self.url, self.token, self.era = url, token, era
        self.more = {k.replace("_", "-"): v for k, v in headers.items()}
        self.next_id = 0

    def headers(self, method, params):
        h = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if self.token:
            h["Authorization"] = "Bearer " + self.token
        if self.era >= "2025-06-18" and method != "initialize":
            h["MCP-Protocol-Version"] = self.era
        if self.era == MODERN:
            h["MCP-Protocol-Version"] = MODERN
            h["Mcp-Method"] = method
            name = params.get("name") or params.get("uri") or params.get("taskId")
            if isinstance(name, str) and name and method in ("tools/call", "prompts/get", "resources/read", "tasks/get", "tasks/update", "tasks/cancel"):
                plain = name.isascii() and name.isprintable() and name == name.strip() and not name.startswith("=?base64?")
                h["Mcp-Name"] = name if plain else "=?base64?%s?=" % base64.b64encode(name.encode()).decode()
        h.update(self.more)
        return h

    def message(self, method, params=None, notification=False, meta=None, capabilities=None):
        m = {"jsonrpc": "2.0", "method": method}
        if not notification:
            self.next_id += 1
            m["id"] = self.next_id
        p = dict(params or {})
        if self.era == MODERN:
            p["_meta"] = {
                META + "protocolVersion": MODERN,
                META + "clientInfo": {"name": "e2e", "version": "1"},
                META + "clientCapabilities": capabilities or {},
                **(meta or {}),
            }
        elif meta:
            p["_meta"] = meta
        if p or method == "initialize":
            m["params"] = p
        return m

    def call(self, method, params=None, path="", extra=None, **kw):
        m = self.message(method, params, **kw)
        h = self.headers(method, params or {})
        h.update(extra or {})
        return request(self.url + path, body=json.dumps(m).encode(), headers=h)

    def tool(self, name, arguments=None, **kw):
        p = {"name": name}
        if arguments is not None:
            p["arguments"] = arguments
        return self.call("tools/call", p, **kw)

    def names(self, path=""):
        return [t["name"] for t in self.call("tools/list", path=path).result["tools"]]

    def select(self, sql, **arguments):
        return self.tool("execute_select", {"query": sql, "defaultCatalog": "shop", **arguments})
