# SPDX-License-Identifier: ISC
"""A site made with mcpctl, as an administrator would: configuration, a small
SQLite shop, keys.  Everything lives in one temporary folder."""
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile

from servers import USER, as_user

SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL, email TEXT UNIQUE, phone TEXT, country CHAR(2));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), day DATE NOT NULL, total DOUBLE, paid BOOLEAN, note TEXT);
CREATE TABLE hidden_salaries (id INTEGER PRIMARY KEY, amount BIGINT);
CREATE TABLE kinds (id INTEGER PRIMARY KEY, big BIGINT, dec DECIMAL(12,2), raw BLOB, txt TEXT, flag BOOLEAN, real REAL, ts TIMESTAMP);
CREATE VIEW big_orders AS SELECT * FROM orders WHERE total > 500;
CREATE VIEW sneaky AS SELECT amount FROM hidden_salaries;
INSERT INTO hidden_salaries VALUES (1, 424242), (2, 434343);
INSERT INTO kinds VALUES (1, 9007199254740993, '10.50', x'00ff10', 'it''s "quoted" \\ back' || char(10) || 'line', 1, 0.1, '2026-07-28 10:00:00');
INSERT INTO kinds VALUES (2, -9223372036854775808, NULL, x'', '', 0, 1e300, NULL);
"""

CONF = """state    = "state";
base_url = "http://127.0.0.1/mcp";
limits   = { rate = "100000/min"; burst = 10000; auth_fails = "100000/min"; };
sources  = {
    shop = {
        driver   = "sqlite";
        path     = "data/shop.db";
        about    = "Orders and customers of the web shop";
        readonly = false;
        deny     = [ "hidden_*", "customers.email" ];
        mask     = [ "customers.phone" ];
    };
    log = {
        driver = "sqlite";
        path   = "data/log.db";
        about  = "Events";
    };
};
environments = { logs = { sources = [ "log" ]; }; };
tools = {
    orders_of_day = {
        source = "shop";
        about  = "Orders of one day with their totals";
        sql    = "SELECT id, customer_id, total FROM orders WHERE day = @day ORDER BY id";
        params = { day = { type = "string"; about = "Day, YYYY-MM-DD"; required = true; }; };
    };
};
toolkits = { small = { tools = [ "execute_select", "orders_of_day" ]; }; };
"""


def fill_shop(path):
    db = sqlite3.connect(path)
    db.executescript(SHOP)
    countries = ["DE", "FR", "GB", "US", "JP"]
    db.executemany(
        "INSERT INTO customers VALUES (?,?,?,?,?)",
        [(i, "Customer %d" % i, "c%d@example.org" % i, "+49 %06d" % i, countries[i % 5]) for i in range(1, 101)],
    )
    db.executemany(
        "INSERT INTO orders VALUES (?,?,?,?,?,?)",
        [(i, i % 100 + 1, "2026-%02d-%02d" % (i % 12 + 1, i % 28 + 1), i * 1.25, i % 2, None if i % 7 else "note %d" % i) for i in range(1, 2001)],
    )
    db.commit()
    db.close()


def fill_log(path):
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, at TEXT, what TEXT)")
    db.executemany("INSERT INTO events VALUES (?,?,?)", [(i, "2026-01-01", "event %d" % i) for i in range(1, 51)])
    db.commit()
    db.close()


class Site:
    """One site in a temporary folder; close() removes it."""

    def __init__(self, build, conf=CONF, files=None):
        """files: a folder whose contents the site begins with."""
        self.dir = tempfile.mkdtemp(prefix="mcp-e2e-")
        os.chmod(self.dir, 0o755)
        self.bin = os.path.join(self.dir, "bin")
        self.root = os.path.join(self.dir, "site")
        os.mkdir(self.bin)
        for name in os.listdir(build):
            if name in ("mcp.fcgi", "mcpctl") or name.endswith(".so"):
                shutil.copy(os.path.join(build, name), self.bin)
        self.conf = os.path.join(self.root, "mcp.conf")
        os.mkdir(self.root)
        self.own()
        self.ctl("init", "--dir", self.root)
        if files is not None:
            shutil.copytree(files, self.root, dirs_exist_ok=True)
        os.mkdir(os.path.join(self.root, "data"))
        fill_shop(self.data("shop.db"))
        fill_log(self.data("log.db"))
        self.configure(conf)
        self.own()

    def program(self, name):
        return os.path.join(self.bin, name)

    def data(self, name):
        return os.path.join(self.root, "data", name)

    def state(self, name):
        return os.path.join(self.root, "state", name)

    def configure(self, text):
        new = self.conf + ".new"
        with open(new, "w") as f:
            f.write(text)
        os.chmod(new, 0o600)
        if os.getuid() == 0:
            shutil.chown(new, USER, USER)
        os.rename(new, self.conf)

    def own(self):
        """Everything belongs to the user the web server runs us as."""
        if os.getuid() != 0:
            return
        for path, _, files in os.walk(self.root):
            shutil.chown(path, USER, USER)
            for f in files:
                shutil.chown(os.path.join(path, f), USER, USER)

    def ctl(self, *words, check=True, text=None, env=None):
        p = subprocess.run(
            [self.program("mcpctl"), *words], input=text, capture_output=True, text=True,
            env=dict(os.environ, **(env or {})), timeout=60, cwd="/", **as_user())
        if check and p.returncode != 0:
            raise RuntimeError("mcpctl %s: %d: %s%s" % (" ".join(words), p.returncode, p.stdout, p.stderr))
        return p

    def key(self, name, *options):
        """A new key; the token."""
        out = self.ctl("key", "create", name, "--config", self.conf, *options).stdout.strip()
        self.own()
        return out

    def audit(self):
        with open(self.state("audit.jsonl")) as f:
            return [json.loads(line) for line in f]

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)
