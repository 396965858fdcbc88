# SPDX-License-Identifier: ISC
"""subscriptions/listen: what changes is told, to whom it concerns, and a
listener leaves nothing behind."""
import http.client
import json
import os
import shutil
import signal
import subprocess
import time
from urllib.parse import urlsplit

import servers
from client import META, MODERN, Client
from mcpsite import CONF as BASE

CONF = 'streams = true;\n' + BASE
ID = META + "subscriptionId"
KEYS = {}

SCRIPT = "#!/bin/sh\n# about: %s\necho hello\n"


def client(server, site, name="listen"):
    if (site, name) not in KEYS:
        KEYS[site, name] = site.key(name, "--scope", "read,write")
    return Client(server.url, KEYS[site, name], MODERN)


class Listener:
    """An open stream; its messages as they come."""

    def __init__(self, c, notifications, path="", identity=None, accept=None):
        m = c.message("subscriptions/listen", {"notifications": notifications})
        if identity is not None:
            m["id"] = identity
        self.id = m["id"]
        u = urlsplit(c.url + path)
        self.http = http.client.HTTPConnection(u.hostname, u.port, timeout=30)
        h = c.headers("subscriptions/listen", m["params"])
        if accept:
            h["Accept"] = accept
        self.began = time.monotonic()
        self.http.connect()
        self.socket = self.http.sock
        self.http.request("POST", u.path, json.dumps(m), h)
        self.answer = self.http.getresponse()
        self.status = self.answer.status

    def next(self, seconds=5):
        """The next message; None at the end of the stream."""
        end = time.monotonic() + seconds
        while True:
            self.socket.settimeout(max(end - time.monotonic(), 0.001))
            line = self.answer.readline()
            if not line:
                return None
            if line.startswith(b"data:"):
                return json.loads(line[5:])

    def acknowledged(self):
        m = self.next()
        assert m["method"] == "notifications/subscriptions/acknowledged", m
        assert m["params"]["_meta"][ID] == self.id, m
        return m["params"]["notifications"]

    def close(self):
        self.http.close()
        self.answer.close()


def script(site, name, about="Says hello"):
    """A program in tools.d, put there in one step."""
    folder = os.path.join(site.root, "tools.d")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    new = os.path.join(site.root, "." + name)
    with open(new, "w") as f:
        f.write(SCRIPT % about)
    os.chmod(new, 0o755)
    if os.getuid() == 0:
        shutil.chown(folder, servers.USER, servers.USER)
        shutil.chown(new, servers.USER, servers.USER)
    os.rename(new, path)
    return path


def prepare(site):
    script(site, "early")


def processes(site):
    """Processes of the site's mcp.fcgi."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            argv = open("/proc/%s/cmdline" % pid, "rb").read().decode()
        except OSError:
            continue
        if argv.startswith(site.dir) and "mcp" in argv.split("\0")[0]:
            found.append(int(pid))
    return found


def listeners(site):
    """How many places are locked, asked of the kernel."""
    inode = os.stat(site.state("listeners")).st_ino
    with open("/proc/locks") as f:
        return sum(":%d " % inode in line for line in f)


def test_a_new_tool_is_told(server, site):
    c = client(server, site)
    with_tools = Listener(c, {"toolsListChanged": True})
    assert with_tools.status == 200, with_tools.answer.read()
    assert with_tools.answer.getheader("Content-Type") == "text/event-stream"
    assert with_tools.acknowledged() == {"toolsListChanged": True}
    assert time.monotonic() - with_tools.began < 0.8 + (server.cgi and 2)
    before = time.monotonic()
    name = "tool_%s" % server.name.replace("-", "_")
    path = script(site, name)
    m = with_tools.next()
    took = time.monotonic() - before
    assert m["method"] == "notifications/tools/list_changed", (m, took, server.stderr(), site.audit()[-1])
    assert m == {"jsonrpc": "2.0", "method": "notifications/tools/list_changed", "params": {"_meta": {ID: with_tools.id}}}, m
    assert took < 2, took
    assert name in c.names()
    os.remove(path)
    assert with_tools.next()["method"] == "notifications/tools/list_changed"
    assert name not in c.names()
    with_tools.close()
    before = time.monotonic()
    servers.wait_until(lambda: listeners(site) == 0, seconds=60)
    print(server.name, "gone after", time.monotonic() - before, took)
