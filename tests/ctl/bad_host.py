# SPDX-License-Identifier: ISC
"""A host with everything wrong that "mcpctl doctor --url" looks for.

Prints its port, then serves until it is ended.  /status/N answers every
request with that status as HTML, /ours/N with an error as the program has it.
"""
import http.server
import json


class Host(http.server.BaseHTTPRequestHandler):
    def answer(self, status, kind, body, more=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in more:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def html(self, status):
        more = [("Location", "/elsewhere")] if status // 100 == 3 else []
        self.answer(status, "text/html", b"<html>no</html>", more)

    def do_GET(self):
        if "/status/" in self.path:
            self.html(int(self.path.rsplit("/", 1)[1]))
        else:
            self.html(403 if self.path.endswith("openid-configuration") else 200)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "/status/" in self.path:
            self.html(int(self.path.rsplit("/", 1)[1]))
        elif "/ours/" in self.path:
            self.answer(int(self.path.rsplit("/", 1)[1]), "application/json", json.dumps({"jsonrpc": "2.0", "error": {"code": -32603, "message": "it has mistakes"}}).encode())
        elif len(body) > 131072:
            self.html(500)
        elif b"server/discover" in body:
            self.answer(400, "application/json", json.dumps({"jsonrpc": "2.0", "error": {"code": -32020, "message": "header missing"}}).encode())
        elif b"tools/list" in body or (self.headers.get("X-API-Key") and b"ping" in body):
            self.answer(401, "application/json", b"{}")
        else:
            self.answer(200, "application/json", json.dumps({"jsonrpc": "2.0", "id": 1, "result": {}}).encode())

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Host)
print(server.server_address[1], flush=True)
server.serve_forever()
