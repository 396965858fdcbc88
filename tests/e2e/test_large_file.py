# SPDX-License-Identifier: ISC
"""A large CSV: imported in bounded memory with a bar on the terminal, then
asked through a worker.  With MCP_HEAVY a gigabyte and ten million rows."""
import os
import pty
import subprocess
import time

from client import Client
from mcpsite import CONF as USUAL
from servers import as_user

HEAVY = bool(os.environ.get("MCP_HEAVY"))
ROWS = 10000000 if HEAVY else 100000
MEMORY_KB = 65536  # of mcpctl, however large the file is
CONF = USUAL.replace("sources  = {", 'sources  = {\n    big = { driver = "files"; path = "large"; timeout = "300s"; };', 1)
CITIES = ["Berlin", "\"Paris, \"\"Nord\"\"\"", "Москва", "東京", "Zürich"]
PADDING = "x" * 66
KEYS = {}


def write(path):
    """The rows, a hundred bytes each; the sum of their third column."""
    total = 0
    with open(path, "w", encoding="utf-8") as f:
        f.write("id,day,cents,city,note\n")
        for first in range(1, ROWS + 1, 50000):
            cents = [i * 37 % 100003 for i in range(first, min(first + 50000, ROWS + 1))]
            total += sum(cents)
            f.write("".join(["%d,2026-%02d-%02d,%d,%s,%s\n" % (i, i % 12 + 1, i % 28 + 1, c, CITIES[i % 5], PADDING) for i, c in enumerate(cents, first)]))
    return total


def prepare(site):
    os.mkdir(os.path.join(site.root, "large"), 0o755)
    KEYS["sum"] = write(os.path.join(site.root, "large", "rows.csv"))
    site.own()
    KEYS[site] = site.key("large", "--scope", "read", "--source", "big:SELECT")


def on_terminal(site, *words):
    """mcpctl with a terminal: status, what it drew, what it said, most kilobytes."""
    master, slave = pty.openpty()
    p = subprocess.Popen([site.program("mcpctl"), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave, cwd="/", **as_user())
    os.close(slave)
    drawn = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        drawn += piece
    os.close(master)
    said = p.stdout.read().decode()
    p.stdout.close()
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    return p.returncode, drawn.decode(), said, usage.ru_maxrss


def test_a_large_file_is_imported_in_little_memory(lighttpd, site):
    size = os.path.getsize(os.path.join(site.root, "large", "rows.csv"))
    assert size > (1000000000 if HEAVY else 9000000), size
    began = time.monotonic()
    status, drawn, said, memory = on_terminal(site, "import", "big", "--config", site.conf)
    took = time.monotonic() - began
    assert status == 0, (status, drawn, said)
    assert "%d rows of 1 tables, 0 left out" % ROWS in said, said
    assert "big [" in drawn and "%" in drawn and "#" in drawn, drawn[:200]
    steps = {piece.strip().split()[-2] for piece in drawn.split("\r") if piece.strip().endswith("%")}
    assert len(steps) > 10, steps
    assert memory < MEMORY_KB, memory
    c = Client(lighttpd.url, KEYS[site])
    began = time.monotonic()
    sql = "SELECT count(*), sum(id), sum(cents), sum(length(note)), count(DISTINCT city) FROM rows"
    r = c.tool("big_execute_select", {"query": sql, "timeout": 300}).result
    assert not r.get("isError"), r
    want = [ROWS, ROWS * (ROWS + 1) // 2, KEYS["sum"], ROWS * len(PADDING), 5]
    assert r["structuredContent"]["results"][0]["rows"] == [want], r
    asked = time.monotonic() - began
    r = c.tool("big_execute_select", {"query": "SELECT day, cents, city FROM rows WHERE id = %d" % (ROWS - 4)}).result
    i = ROWS - 4
    assert r["structuredContent"]["results"][0]["rows"] == [["2026-%02d-%02d" % (i % 12 + 1, i % 28 + 1), i * 37 % 100003, "Paris, \"Nord\""]], r
    print("large file: %d rows, %d bytes imported in %.1f s with %d kB, all rows asked in %.1f s" % (ROWS, size, took, memory, asked))


def test_a_second_import_finds_nothing_new(lighttpd, site):
    began = time.monotonic()
    status, drawn, said, memory = on_terminal(site, "import", "big", "--config", site.conf)
    assert status == 0 and "nothing has changed" in said, (status, drawn, said)
    assert time.monotonic() - began < 5 and memory < MEMORY_KB
