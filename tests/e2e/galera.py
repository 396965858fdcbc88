# SPDX-License-Identifier: ISC
"""A Galera cluster of the tests' own: two nodes of MariaDB and garbd as the
third voice, on free ports of the loopback, ended by their process ids."""
import os
import pwd
import shutil
import signal
import subprocess
import tempfile

from servers import free_ports, wait_until

LIBRARY = "/usr/lib/galera/libgalera_smm.so"
GARBD = "/usr/bin/garbd"
SERVER = "/usr/sbin/mariadbd"
OPTIONS = "gmcast.listen_addr=tcp://127.0.0.1:%d;ist.recv_addr=127.0.0.1:%d;gcache.size=8M"


def missing():
    """The package to install, or None."""
    for path, package in ((SERVER, "mariadb-server"), (LIBRARY, "galera-4"), (GARBD, "galera-arbitrator-4")):
        if not os.path.exists(path):
            return package
    return None


class Galera:
    def __init__(self):
        self.user = "mysql" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        self.dir = tempfile.mkdtemp(prefix="mcp-galera-")
        ports = free_ports(9)
        self.ports, self.group, self.ist, self.sst = ports[:2], ports[2:5], ports[5:7], ports[7:]
        self.running = {}
        os.chmod(self.dir, 0o755)
        try:
            self.node(0, "gcomm://", "--wsrep-new-cluster")
            self.node(1, "gcomm://127.0.0.1:%d" % self.group[0])
            self.arbitrator()
        except Exception:
            print("".join(self.log(name) for name in ("node0", "node1", "garbd")))
            self.close()
            raise

    def spawn(self, name, argv):
        as_user = {"user": self.user, "group": self.user, "extra_groups": []} if os.getuid() == 0 else {}
        log = open(os.path.join(self.dir, name + ".log"), "ab")
        p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.dir, start_new_session=True, **as_user)
        log.close()
        return p

    def node(self, i, address, *more):
        base = os.path.join(self.dir, "node%d" % i)
        os.mkdir(base)
        if os.getuid() == 0:
            shutil.chown(base, self.user, self.user)
        data = "--datadir=%s/data" % base
        if i == 0:
            install = self.spawn("install", ["mariadb-install-db", "--no-defaults", data, "--skip-test-db", "--auth-root-authentication-method=normal"])
            assert install.wait() == 0, self.log("install")
        else:  # the first one sends it all of its data
            os.mkdir(os.path.join(base, "data"))
            if os.getuid() == 0:
                shutil.chown(os.path.join(base, "data"), self.user, self.user)
        p = self.spawn("node%d" % i, [
            SERVER, "--no-defaults", data, "--tmpdir=" + base, "--socket=%s" % self.path(i), "--port=%d" % self.ports[i], "--bind-address=127.0.0.1", "--pid-file=%s/pid" % base,
            "--skip-name-resolve", "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync",
            "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M", "--performance-schema=OFF", "--max-connections=40",
            "--wsrep-on=ON", "--wsrep-provider=" + LIBRARY, "--wsrep-cluster-name=mcp", "--wsrep-cluster-address=" + address, "--wsrep-node-name=node%d" % i,
            "--wsrep-node-address=127.0.0.1", "--wsrep-sst-method=rsync", "--wsrep-sst-receive-address=127.0.0.1:%d" % self.sst[i],
            "--wsrep-provider-options=" + OPTIONS % (self.group[i], self.ist[i]), *more])
        self.running[i] = p
        wait_until(lambda: self.state(i) == "Synced", p, 60)

    def arbitrator(self):
        p = self.spawn("garbd", [GARBD, "--address", "gcomm://" + ",".join("127.0.0.1:%d" % g for g in self.group[:2]), "--group", "mcp", "--options", "gmcast.listen_addr=tcp://127.0.0.1:%d" % self.group[2]])
        self.running["garbd"] = p
        wait_until(lambda: self.sql(0, "SHOW STATUS LIKE 'wsrep_cluster_size'").endswith("\t3"), p, 30)

    def path(self, i):
        return os.path.join(self.dir, "node%d" % i, "sock")

    def log(self, name):
        path = os.path.join(self.dir, name + ".log")
        if not os.path.exists(path):
            return ""
        with open(path, errors="replace") as f:
            return f.read()[-2000:]

    def ask(self, i, sql):
        return subprocess.run(["mariadb", "--no-defaults", "-NB", "-u", "root", "-S", self.path(i)], input=sql, text=True, capture_output=True)

    def sql(self, i, sql):
        r = self.ask(i, sql)
        assert r.returncode == 0, r.stderr
        return r.stdout.strip()

    def state(self, i):
        return self.ask(i, "SHOW STATUS LIKE 'wsrep_local_state_comment'").stdout.strip().partition("\t")[2]

    def kill(self, i):
        p = self.running.pop(i)
        p.send_signal(signal.SIGKILL)
        p.wait()

    def close(self):
        for name in list(self.running):
            self.kill(name)
        shutil.rmtree(self.dir, ignore_errors=True)
