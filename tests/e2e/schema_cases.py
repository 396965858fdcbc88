#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Check every answer of the cases of the protocol (tests/cases/mcp) against
the schema file of the revision it was given in."""
import json
import os
import subprocess
import sys
import tempfile

import schema_check


def main():
    build = os.environ.get("builddir", ".")
    bad, count, seen = 0, 0, set()
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as f:
        subprocess.run([os.path.join(build, "tests", "unit", "test_mcp_cases")], check=True,
                       env=dict(os.environ, MCP_ANSWERS=f.name), stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        for line in f:
            revision, method, text = line.rstrip("\n").split("\t", 2)
            message = json.loads(text)
            count += 1
            seen.add(revision)
            method = None if isinstance(message, list) or method == "batch" else method
            if isinstance(message, dict) and method is None and "result" in message:
                continue
            for complaint in schema_check.check_message(revision, message, method):
                print("FAIL: %s %s: %s\n  %s" % (revision, method, complaint, text))
                bad += 1
    print("%d answers in %d revisions, %d complaints" % (count, len(seen), bad))
    return 1 if bad or count < 150 or seen != set(schema_check.REVISIONS) else 0


if __name__ == "__main__":
    sys.exit(main())
