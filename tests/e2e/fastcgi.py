# SPDX-License-Identifier: ISC
"""FastCGI by hand, so that a test can say what a web server never would."""
import os
import re
import signal
import socket
import struct
import subprocess
import time

from servers import as_user, wait_until

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT = 1, 2, 3, 4, 5, 6
GET_VALUES, GET_VALUES_RESULT, UNKNOWN = 9, 10, 11


def record(kind, content=b"", request=1, version=1, length=None, padding=0):
    n = len(content) if length is None else length
    return struct.pack("!BBHHBB", version, kind, request, n, padding, 0) + content + b"\0" * padding


def begin(role=1, flags=0):
    return record(BEGIN, struct.pack("!HB5x", role, flags))


def size(n):
    return struct.pack("!B", n) if n < 128 else struct.pack("!I", n | 0x80000000)


def pairs(params):
    out = b""
    for k, v in params:
        k, v = k.encode(), v.encode()
        out += size(len(k)) + size(len(v)) + k + v
    return out


def params(*extra, method="POST", length=None, uri="/mcp"):
    """The parameters of a request, ended."""
    all_ = [("REQUEST_METHOD", method), ("REQUEST_URI", uri), ("CONTENT_TYPE", "application/json"), ("REMOTE_ADDR", "127.0.0.1")]
    if length is not None:
        all_.append(("CONTENT_LENGTH", str(length)))
    content = pairs(all_ + list(extra))
    out = b""
    for i in range(0, len(content), 65000):
        out += record(PARAMS, content[i:i + 65000])
    return out + record(PARAMS)


class Reply:
    """What came back on one connection."""

    def __init__(self, data):
        self.out, self.ended, self.records = b"", False, []
        while len(data) >= 8:
            _, kind, _, n, pad = struct.unpack("!BBHHB", data[:7])
            self.records.append(kind)
            if kind == STDOUT:
                self.out += data[8:8 + n]
            if kind == END:
                self.ended = True
            data = data[8 + n + pad:]

    @property
    def status(self):
        m = re.match(rb"Status: (\d+)", self.out)
        return int(m.group(1)) if m else None

    @property
    def body(self):
        return self.out.split(b"\r\n\r\n", 1)[1] if b"\r\n\r\n" in self.out else b""


class Program:
    """mcp.fcgi on a socket of the test's own."""

    def __init__(self, site, *words, env=None):
        self.path = os.path.join(site.dir, "raw-%d.sock" % time.monotonic_ns())
        s = socket.socket(socket.AF_UNIX)
        s.bind(self.path)
        s.listen(64)
        os.chmod(self.path, 0o666)
        self.log = open(self.path + ".log", "w+")
        self.p = subprocess.Popen([site.program("mcp.fcgi"), *words], stdin=s.fileno(), stdout=self.log, stderr=self.log, cwd="/", env=dict(os.environ, **(env or {})), **as_user())
        s.close()

    def open(self):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(30)
        s.connect(self.path)
        return s

    def read(self, s):
        data = b""
        try:
            while True:
                piece = s.recv(65536)
                if not piece:
                    break
                data += piece
        except ConnectionResetError:
            pass
        s.close()
        return Reply(data)

    def send(self, data):
        s = self.open()
        try:
            s.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return self.read(s)

    def post(self, body, *extra):
        return self.send(begin() + params(*extra, length=len(body)) + record(STDIN, body) + record(STDIN))

    def ping(self):
        return self.post(b'{"jsonrpc":"2.0","id":1,"method":"ping"}')

    def children(self):
        out = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.p.pid)], capture_output=True, text=True).stdout
        return [int(x) for x in out.split()]

    def stderr(self):
        with open(self.path + ".log", errors="replace") as f:
            return f.read()

    def __enter__(self):
        wait_until(lambda: self.children() or self.p.poll() is not None)
        return self

    def __exit__(self, *_):
        if self.p.poll() is None:
            self.p.send_signal(signal.SIGTERM)
            try:
                self.p.wait(10)
            except subprocess.TimeoutExpired:
                self.p.kill()
                self.p.wait()
        self.log.close()
