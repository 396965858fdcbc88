#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Run the official conformance suite through real web servers.

    tests/conformance/run.py [--build DIR] [--server NAME,...] [--scenario WORD]
                             [--summary FILE] [--keep DIR]

The site is this folder: mcp.conf, programs in tools, texts in files.  The
suite cannot send a token, so the web server adds one.  Every scenario's
checks.json is read, and what counts is stricter than the suite's exit code:
a scenario has passed when it has no FAILURE, no WARNING and at least one
SUCCESS.
"""
import argparse
import collections
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))

import npm  # noqa: E402
import servers  # noqa: E402
from mcpsite import Site  # noqa: E402

SERVERS = (servers.Lighttpd, servers.ApacheFcgid, servers.ApacheHtaccess, servers.Nginx)
# Revision, the words for the suite, and whether it has a list of what scores.
RUNS = (
    ("2025-06-18", ["--suite", "all", "--spec-version", "2025-06-18"], False),
    ("2025-11-25", ["--requirements", "2025-11-25"], True),
    ("2026-07-28", ["--requirements", "2026-07-28"], True),
)
# What the suite itself cannot run, or runs only for an extension we have not.
NEVER_RUN = ("tasks-status-notifications", "sep-2640-skills-")

Result = collections.namedtuple("Result", "name scored counts told")


class Fixture(Site):
    """This folder as a site of its own."""

    def __init__(self, build):
        self.source = tempfile.mkdtemp(prefix="mcp-conformance-")
        for name in ("tools", "lib", "files", "more"):
            if os.path.isdir(os.path.join(HERE, name)):
                shutil.copytree(os.path.join(HERE, name), os.path.join(self.source, name), ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(os.path.join(HERE, "trigger.sh"), self.source)
        with open(os.path.join(HERE, "mcp.conf")) as f:
            conf = f.read()
        super().__init__(build, conf, files=self.source)
        shutil.rmtree(self.source)

    def configure(self, text, url="http://127.0.0.1/mcp"):
        super().configure(text.replace("@SITE@", self.root).replace("@URL@", url))

    def move(self, url):
        """Answer under this URL from now on."""
        with open(os.path.join(HERE, "mcp.conf")) as f:
            self.configure(f.read(), url)


def suite(build, *words, **more):
    """Run the suite with the pinned Node; its output."""
    cli = os.path.join(npm.place(build), "node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js")
    return subprocess.run([npm.node(build), cli, *words], capture_output=True, text=True, timeout=600, **more)


def scored(build, revision):
    """The names of the server scenarios that count for a revision."""
    text = suite(build, "list", "--requirements", revision).stdout
    part = text.split("Server scenarios", 1)[1].split("Client scenarios", 1)[0]
    return set(re.findall(r"^  - ([a-z0-9-]+)", part, re.M))


def results(folder, counting):
    """What every scenario of one run came to."""
    found = []
    for path in sorted(glob.glob(os.path.join(folder, "server-*", "checks.json"))):
        name = re.sub(r"-\d{4}-\d\d-\d\dT.*$", "", os.path.basename(os.path.dirname(path)))[len("server-"):]
        with open(path) as f:
            checks = json.load(f)
        counts = collections.Counter(c["status"] for c in checks)
        told = ["%s %s: %s" % (c["status"], c.get("id"), c.get("errorMessage") or c.get("description")) for c in checks if c["status"] in ("FAILURE", "WARNING")]
        found.append(Result(name, counting is None or name in counting, counts, told))
    return found


def passed(r):
    return r.counts["FAILURE"] == 0 and r.counts["WARNING"] == 0 and r.counts["SUCCESS"] > 0


def never_run(r):
    return any(r.name.startswith(n) for n in NEVER_RUN) and set(r.counts) <= {"SKIPPED", "INFO"}


def report(server, revision, found):
    """One line, and one for each scenario that is not clean; how many are and
    are not."""
    counting = [r for r in found if r.scored]
    beside = [r for r in found if not r.scored and not never_run(r)]
    failures, warnings = (sum(r.counts[s] for r in found) for s in ("FAILURE", "WARNING"))
    line = "%-16s %s  %2d/%2d" % (server, revision, sum(map(passed, counting)), len(counting))
    if beside:
        line += ", not scored %2d/%2d" % (sum(map(passed, beside)), len(beside))
    print("%s, %d checks, %d failures, %d warnings" % (line, sum(r.counts["SUCCESS"] for r in found), failures, warnings))
    for r in found:
        if not passed(r) and not never_run(r):
            print("    %s%s: %s" % (r.name, "" if r.scored else " (not scored)", "; ".join(r.told) or dict(r.counts)))
    sys.stdout.flush()
    good = sum(map(passed, counting + beside))
    return good, len(counting + beside) - good + (not counting)


def through(kind, build, only, keep):
    """All runs through one web server; how many scenarios passed and did not."""
    good = bad = 0
    site = Fixture(build)
    server = kind(site, workers=8, token=site.key("suite", "--scope", "read,write"))
    site.move(server.url)
    try:
        server.start()
        for revision, words, listed in RUNS:
            out = os.path.join(keep or site.dir, "%s-%s" % (kind.name, revision))
            shutil.rmtree(out, ignore_errors=True)
            if only:
                words = ["--scenario", only, "--spec-version", revision]
            p = suite(build, "server", "--url", server.url, "-o", out, *words)
            found = results(out, scored(build, revision) if listed else None)
            if only and not found:
                continue
            g, b = report(kind.name, revision, found)
            good, bad = good + g, bad + b
            if not found:
                print(p.stdout[-2000:] + p.stderr[-2000:])
        if keep:
            shutil.copy(os.path.join(server.dir, "stderr"), os.path.join(keep, kind.name + ".stderr"))
    finally:
        server.stop()
        site.close()
    return good, bad


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--build", default=os.path.join(HERE, "..", "..", "build"))
    p.add_argument("--server", help="names, with commas between")
    p.add_argument("--scenario", help="this one alone")
    p.add_argument("--summary")
    p.add_argument("--keep", help="a folder for what the suite writes")
    o = p.parse_args()
    good = bad = 0
    wanted = o.server.split(",") if o.server else [s.name for s in SERVERS]
    begin = time.monotonic()
    for kind in SERVERS:
        if kind.name in wanted:
            g, b = through(kind, os.path.abspath(o.build), o.scenario, o.keep and os.path.abspath(o.keep))
            good, bad = good + g, bad + b
    if o.summary:
        with open(o.summary, "w") as f:
            f.write("%d %d 0\n" % (good, bad))
    print("conformance: %d scenarios passed, %d did not  (%.0f s)" % (good, bad, time.monotonic() - begin))
    return 1 if bad or not good else 0


if __name__ == "__main__":
    sys.exit(main())
