# SPDX-License-Identifier: ISC
"""A PostgreSQL of the tests' own, ended by its process id; as root it runs as
the user postgres."""
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time


def programs():
    """Where Debian keeps the newest version; None: there is none."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    return os.path.dirname(found[-1]) if found else None


class Postgres:
    def __init__(self, of=None):
        """of: the server this one is a standby of."""
        self.bin = programs()
        self.user = "postgres" if os.getuid() == 0 else None
        self.dir = tempfile.mkdtemp(prefix="mcp-pgsql-")
        os.chmod(self.dir, 0o755)
        if self.user:
            shutil.chown(self.dir, self.user)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.data = os.path.join(self.dir, "data")
        self.process = None
        if of is None:
            self.run("initdb", "-D", self.data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-A", "trust")
        else:
            self.run("pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast", "--no-sync", "-U", "postgres", "-h", of.dir, "-p", str(of.port))
        with open(os.path.join(self.data, "postgresql.conf"), "a") as f:
            f.write("unix_socket_directories = '%s'\nport = %d\nlisten_addresses = '127.0.0.1'\nfsync = off\nshared_buffers = 32MB\n" % (self.dir, self.port))
        self.start()

    def run(self, program, *words):
        subprocess.run([os.path.join(self.bin, program), *words], user=self.user, cwd=self.dir, check=True, stdout=subprocess.DEVNULL)

    def start(self):
        log = open(os.path.join(self.dir, "log"), "ab")
        self.process = subprocess.Popen([os.path.join(self.bin, "postgres"), "-D", self.data], user=self.user, cwd=self.dir, stdout=log, stderr=log)
        log.close()
        until = time.monotonic() + 60
        while subprocess.run([os.path.join(self.bin, "pg_isready"), "-q", "-h", self.dir, "-p", str(self.port)]).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < until, "PostgreSQL does not start"
            time.sleep(0.05)
        return self

    def kill(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
            self.process = None

    def promote(self):
        assert self.psql("postgres", "SELECT pg_promote(true, 60)") == "t"

    def psql(self, database, sql, *words):
        r = subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", self.dir, "-p", str(self.port), "-U", "postgres", *words, database], input=sql, text=True, capture_output=True, env={**os.environ, "PGOPTIONS": "-c client_min_messages=error"})
        assert r.returncode == 0, r.stderr
        return r.stdout.strip()

    def close(self):
        self.kill()
        shutil.rmtree(self.dir)
