#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Does one row cost more where there is more of everything?

    bench/growth.py [--build DIR] [--only WORD]

Counts the instructions and system calls of one row (guard.py) on a small site
and on one with 100,000 keys, 1,000 sources or 10,000 tables.  Ends with 1 when
one of them costs over a tenth more, with 77 where the tools are missing.
"""
import argparse
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import guard  # noqa: E402

MOST = 1.10
KEYS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
INSERT INTO keys (id, seq, pepper, hash, label)
SELECT printf('%%012x', i * 2654435761 %% 281474976710656), i + 1000, '', '', 'k' || i FROM n;
"""


def sqlite(path, sql):
    subprocess.run(["sqlite3", path], input=sql, text=True, check=True, stdout=subprocess.DEVNULL)


def few(site):
    """As it is: one key, one source, a handful of tables."""


def keys(site):
    sqlite(site.path("site/state/keys.db"), KEYS % 100000)


def sources(site):
    more = "".join('    s%d = { driver = "sqlite"; path = "data/bench.db"; about = "Another"; };\n' % i for i in range(1000))
    with open(site.conf, encoding="utf-8") as f:
        text = f.read()
    with open(site.conf, "w", encoding="utf-8") as f:
        f.write(text.replace("sources  = {\n", "sources  = {\n" + more))


def tables(site):
    with open(site.conf, encoding="utf-8") as f:
        text = f.read()
    with open(site.conf, "w", encoding="utf-8") as f:  # valgrind needs some itself
        f.write(text.replace("limits   = {", "limits   = { memory = 4000000000L;"))
    sqlite(site.path("site/data/bench.db"), "BEGIN;" + "".join("CREATE TABLE t%d (id INTEGER PRIMARY KEY, name TEXT);" % i for i in range(10000)) + "COMMIT;")


KINDS = {"1 key, 1 source, few tables": few, "100,000 keys": keys, "1,000 sources": sources, "10,000 tables": tables}


def count(build, grow):
    """(instructions, system calls) of one row on a site that has grown."""
    folder = guard.folder_with_data()
    try:
        site = guard.Site(build, folder)
        grow(site)
        return tuple(guard.cost(site, c, "row") for c in (guard.instructions, guard.calls))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(build, only=None):
    """[(what, instructions, system calls, times the first)]"""
    out = []
    for name, grow in KINDS.items():
        if out and only and only not in name:
            continue
        ins, calls = count(build, grow)
        out.append((name, ins, calls, ins / out[0][1] if out else 1.0))
    return out


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--build", default=os.path.join(HERE, "..", "build"))
    p.add_argument("--only")
    o = p.parse_args()
    reason = guard.why_not(os.path.join(o.build, "mcp.fcgi"))
    if reason:
        print("growth: skipped: " + reason)
        sys.exit(guard.SKIPPED)
    rows = measure(os.path.abspath(o.build), o.only)
    print("%-30s %14s %10s %8s" % ("one row with", "instructions", "calls", "times"))
    for row in rows:
        print("%-30s %14.0f %10.1f %8.3f" % row)
    sys.exit(1 if any(r[3] > MOST for r in rows) else 0)


if __name__ == "__main__":
    main()
