# SPDX-License-Identifier: ISC
"""A MariaDB of the tests' own, ended by its process id; as root it runs as the
user mysql."""
import os
import shutil
import signal
import subprocess
import tempfile

from servers import free_ports, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
HARDENING = os.path.join(HERE, "..", "..", "examples", "hardening-mariadb.sql")
SERVER = "/usr/sbin/mariadbd"


def missing():
    """The package to install, or None."""
    return None if os.path.exists(SERVER) else "mariadb-server"


class MariaDB:
    def __init__(self):
        self.user = "mysql" if os.getuid() == 0 else None
        self.dir = tempfile.mkdtemp(prefix="mcp-mariadb-")
        os.chmod(self.dir, 0o755)
        if self.user:
            shutil.chown(self.dir, self.user)
        self.port = free_ports(1)[0]
        self.socket = os.path.join(self.dir, "socket")
        self.process = None
        self.own = ["--no-defaults", "--datadir=%s/data" % self.dir, "--tmpdir=" + self.dir]
        install = self.spawn(["mariadb-install-db", *self.own, "--skip-test-db", "--auth-root-authentication-method=normal"])
        assert install.wait() == 0, "mariadb-install-db failed; see %s/log" % self.dir
        self.start()

    def spawn(self, argv):
        as_user = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        with open(os.path.join(self.dir, "log"), "ab") as log:
            return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.dir, **as_user)

    def start(self):
        self.process = self.spawn([
            SERVER, *self.own, "--socket=" + self.socket, "--port=%d" % self.port, "--bind-address=127.0.0.1", "--skip-name-resolve", "--skip-log-bin",
            "--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M",
            "--performance-schema=OFF", "--max-connections=40"])
        wait_until(lambda: self.ask("SELECT 1").returncode == 0, self.process, 60)
        return self

    def ask(self, sql, database=None):
        words = ["--database=" + database] if database else []
        return subprocess.run(["mariadb", "--no-defaults", "-NB", "-u", "root", "-S", self.socket, "--default-character-set=utf8mb4", *words], input=sql, text=True, capture_output=True)

    def sql(self, sql, database=None):
        r = self.ask(sql, database)
        assert r.returncode == 0, r.stderr
        return r.stdout.strip()

    def hardened(self, account, base):
        """examples/hardening-mariadb.sql, as an administrator fills it in."""
        with open(HARDENING) as f:
            text = f.read().replace("'mcp_read', @host", "'%s', @host" % account).replace("@base = 'shop'", "@base = '%s'" % base)
        self.sql(text)

    def kill(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def close(self):
        self.kill()
        shutil.rmtree(self.dir, ignore_errors=True)
