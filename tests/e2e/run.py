#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Run the end-to-end tests.

    tests/e2e/run.py [--build DIR] [--summary FILE] [WORD...]

A test is a function test_* in a file test_*.py here.  Its parameters are
taken by name: "site" (fresh for the file), "server" (the test runs once for
each web server), "lighttpd" (one FastCGI lighttpd for the file), "build".
With words only tests are run whose "file:name[server]" holds one of them.
"""
import argparse
import glob
import importlib
import inspect
import os
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import servers  # noqa: E402
from mcpsite import Site  # noqa: E402


class Skip(Exception):
    """Raised by a test that cannot run here; says why."""


class Kit:
    """What the tests of one file share: a site and running servers."""

    def __init__(self, build, module):
        self.build, self.module = build, module
        self.made, self.running = None, {}

    def site(self):
        if self.made is None:
            conf = getattr(self.module, "CONF", None)
            self.made = Site(self.build, conf) if conf else Site(self.build)
            getattr(self.module, "prepare", lambda site: None)(self.made)
        return self.made

    def server(self, kind):
        if kind not in self.running:
            self.running[kind] = kind(self.site()).start()
        return self.running[kind]

    def close(self):
        for s in self.running.values():
            s.stop()
        if self.made is not None:
            self.made.close()
        getattr(self.module, "finish", lambda: None)()


def variants(fn, module):
    names = inspect.signature(fn).parameters
    if "server" in names:
        only = getattr(fn, "servers", getattr(module, "SERVERS", servers.ALL))
        return [(names, s) for s in only]
    return [(names, None)]


def run_one(fn, names, kind, kit):
    have = {
        "build": lambda: kit.build,
        "site": kit.site,
        "server": lambda: kit.server(kind),
        "lighttpd": lambda: kit.server(servers.Lighttpd),
    }
    fn(**{n: have[n]() for n in names})


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--build", default=os.path.join(HERE, "..", "..", "build"))
    p.add_argument("--summary")
    p.add_argument("words", nargs="*")
    o = p.parse_args()
    build = os.path.abspath(o.build)
    passed = failed = skipped = 0
    for path in sorted(glob.glob(os.path.join(HERE, "test_*.py"))):
        module = importlib.import_module(os.path.basename(path)[:-3])
        kit = Kit(build, module)
        begin = time.monotonic()
        before = (passed, failed, skipped)
        for name, fn in list(vars(module).items()):
            if not name.startswith("test_") or not callable(fn):
                continue
            for names, kind in variants(fn, module):
                full = "%s:%s%s" % (module.__name__, name, "[%s]" % kind.name if kind else "")
                if o.words and not any(w in full for w in o.words):
                    continue
                try:
                    run_one(fn, names, kind, kit)
                    passed += 1
                except Skip as e:
                    skipped += 1
                    print("skip %s: %s" % (full, e))
                except Exception:
                    failed += 1
                    print("FAIL %s" % full)
                    traceback.print_exc(file=sys.stdout)
                sys.stdout.flush()
        kit.close()
        now = (passed, failed, skipped)
        if now != before:
            print("%-24s %3d passed, %d failed, %d skipped  (%.1f s)" % ((module.__name__,) + tuple(a - b for a, b in zip(now, before)) + (time.monotonic() - begin,)))
    if o.summary:
        with open(o.summary, "w") as f:
            f.write("%d %d %d\n" % (passed, failed, skipped))
    print("end to end: %d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.modules["run"] = sys.modules["__main__"]
    sys.exit(main())
