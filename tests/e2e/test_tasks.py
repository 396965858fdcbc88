# SPDX-License-Identifier: ISC
"""Calls that go on when their request is over: behind every web server, and
when the server, the worker or the client is gone meanwhile."""
import json
import os
import signal
import socket
import stat
import time

import servers
from client import ERAS, MODERN, Client
from mcpsite import CONF as USUAL

EXTENSION = "io.modelcontextprotocol/tasks"
CAN = {"elicitation": {}, "extensions": {EXTENSION: {}}}
KEYS = {}

CONF = USUAL.replace("tools = {", """tasks = { enabled = true; after = "1s"; ttl = "1h"; poll = "1s"; per_token = 6; total = 100; };
tools = {
    all_orders = { source = "shop"; about = "All of them"; task = "always";
        sql = "SELECT count(*) AS n FROM orders"; params = {}; };
    never_slow = { source = "shop"; about = "Slow, and waited for"; task = "never";
        sql = "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < @n) SELECT count(*) AS n FROM s";
        params = { n = { type = "integer"; about = "Steps"; }; }; };""", 1)
assert "all_orders" in CONF

# A gate is a file: who waits at it goes on when it is there.
WAIT = """echo $PPID $$ >"$1.at"
mv "$1.at" "$1.here"
until [ -e "$1" ]; do sleep 0.05; done
"""
SCRIPTS = {
    "waits.sh": "# about: Waits at a gate\n# task: always\n# timeout: 5m\n" + WAIT.replace('"$1', '"$gate') + "echo gone on\n",
    "may_wait.sh": "# about: Waits at a gate, perhaps as a task\n# timeout: 5m\n" + WAIT.replace('"$1', '"$gate') + "echo gone on\n",
    "stays.sh": "# about: Leaves something behind\n# task: always\nsetsid sleep 98764 & sleep 98764\n",
    "brief.sh": "# about: Is brief\n# task: always\n# timeout: 1s\nsleep 98764\n",
    "own_error.sh": '# about: Has an error of its own\n# task: always\necho \'{"error":{"code":-32050,"message":"it broke off"}}\'\n',
    "fails.sh": "# about: Fails\n# task: always\nexit 3\n",
    "asks.sh": "# about: Asks twice\n# task: always\ncase $in in\n"
    '*\'"two":{\'*) echo "done: $in" ;;\n'
    '*\'"one":{\'*) echo \'{"state":"kept"}\'; echo \'{"ask":{"two":{"method":"elicitation/create","params":{"mode":"form","message":"Second?","requestedSchema":{"type":"object","properties":{"b":{"type":"integer"}},"required":["b"]}}}}}\' ;;\n'
    '*) echo \'{"ask":{"one":{"method":"elicitation/create","params":{"mode":"form","message":"First?","requestedSchema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}}},"other":{"method":"elicitation/create","params":{"mode":"form","message":"Other?","requestedSchema":{"type":"object","properties":{"c":{"type":"boolean"}},"required":["c"]}}}}}\' ;;\nesac\n',
}


def prepare(site):
    os.mkdir(os.path.join(site.root, "tools.d"), 0o755)
    os.mkdir(os.path.join(site.dir, "gates"), 0o777)
    os.chmod(os.path.join(site.dir, "gates"), 0o777)
    for name, text in SCRIPTS.items():
        head = [line for line in text.split("\n") if line.startswith("# ")]
        rest = [line for line in text.split("\n") if not line.startswith("# ")]
        path = os.path.join(site.root, "tools.d", name)
        with open(path, "w") as f:
            f.write("#!/bin/sh\n" + "\n".join(head + ["# param gate string: A file", "in=$(cat)", "gate=$(printf %s \"$in\" | sed -n 's/.*\"gate\": *\"\\([^\"]*\\)\".*/\\1/p')"] + rest))
        os.chmod(path, 0o755)
    site.own()
    site.configure(CONF.replace("tools = {", "tools_dir = \"tools.d\";\ntools = {", 1))
    for who in ("one", "two", "three"):
        KEYS[who] = site.key("tasks-" + who, "--scope", "read,write")


class Tasks(Client):
    def __init__(self, url, who="one"):
        super().__init__(url, KEYS[who], MODERN)

    def call(self, method, params=None, **kw):
        kw.setdefault("capabilities", CAN)
        return super().call(method, params, **kw)

    def begin(self, tool, **arguments):
        r = self.tool(tool, arguments).result
        assert r["resultType"] == "task", r
        assert set(r) == {"resultType", "taskId", "status", "createdAt", "lastUpdatedAt", "ttlMs", "pollIntervalMs", "_meta"}, r
        assert r["ttlMs"] == 3600000 and r["pollIntervalMs"] == 1000, r
        return r["taskId"]

    def get(self, task):
        return self.call("tasks/get", {"taskId": task})

    def status(self, task):
        return self.get(task).result["status"]

    def until(self, task, *statuses):
        servers.wait_until(lambda: self.status(task) in statuses)
        return self.get(task).result

    def update(self, task, **replies):
        return self.call("tasks/update", {"taskId": task, "inputResponses": replies})

    def cancel(self, task):
        return self.call("tasks/cancel", {"taskId": task})


def gate(site, name):
    return os.path.join(site.dir, "gates", name)


def opened(path):
    with open(path, "w"):
        pass


def processes(mark):
    found = []
    for pid in os.listdir("/proc"):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                if mark.encode() in f.read():
                    found.append(int(pid))
        except OSError:
            pass
    return found


def parent(pid):
    with open("/proc/%d/status" % pid) as f:
        return int([line for line in f if line.startswith("PPid:")][0].split()[1])


def worker(path):
    """The process that works on the task of the script waiting at a gate."""
    servers.wait_until(lambda: os.path.exists(path + ".here"))
    with open(path + ".here") as f:
        keeper = int(f.read().split()[0])
    return parent(keeper)


def accepted(**content):
    return {"action": "accept", "content": content}


def test_survives_request_and_server(server, site):
    path = gate(site, "survives-" + server.name)
    first = type(server)(site).start()
    try:
        task = Tasks(first.url).begin("waits", gate=path)
        servers.wait_until(lambda: os.path.exists(path + ".here"))
    finally:
        first.stop()
    c = Tasks(server.url)
    assert c.status(task) == "working"
    pid = worker(path)
    assert os.getsid(pid) != os.getsid(os.getpid())
    assert not [fd for fd in os.listdir("/proc/%d/fd" % pid) if fd in "01" and os.readlink("/proc/%d/fd/%s" % (pid, fd)) != "/dev/null"]
    opened(path)
    r = c.until(task, "completed")
    assert r["result"]["content"] == [{"type": "text", "text": "gone on"}], r
    assert r["result"]["resultType"] == "complete" and "error" not in r
    servers.wait_until(lambda: not os.path.exists("/proc/%d" % pid))


def test_long_call_becomes_a_task(server, site):
    path = gate(site, "may-" + server.name)
    c = Tasks(server.url)
    task = c.begin("may_wait", gate=path)
    assert c.status(task) == "working"
    opened(path)
    assert c.until(task, "completed")["result"]["content"][0]["text"] == "gone on"


def test_quick_call_stays_a_call(lighttpd):
    c = Tasks(lighttpd.url)
    sql = "SELECT id, total FROM orders WHERE id <= 3 ORDER BY id"
    assert c.select(sql).result == Client(lighttpd.url, KEYS["one"], MODERN).select(sql).result


def test_same_errors_as_without(lighttpd):
    c, plain = Tasks(lighttpd.url), Client(lighttpd.url, KEYS["one"], MODERN)
    for sql in ("SELECT nothing FROM orders", "SELEC", "DROP TABLE orders", "SELECT 1; SELECT 2"):
        a, b = c.select(sql).result, plain.select(sql).result
        assert a == b and a["isError"], (a, b)
    a, b = c.tool("execute_select", {"query": 7}).result, plain.tool("execute_select", {"query": 7}).result
    assert a == b and a["isError"], (a, b)
    assert c.tool("no_such_tool").error == plain.tool("no_such_tool").error


def test_write_in_a_worker_is_there(lighttpd):
    c = Tasks(lighttpd.url)
    assert c.tool("execute_insert", {"query": "INSERT INTO customers (id, name) VALUES (900, 'Task')", "defaultCatalog": "shop"}).result.get("isError") is None
    assert "Task" in c.select("SELECT name FROM customers WHERE id = 900").result["content"][0]["text"]


def test_statement_as_a_task(lighttpd):
    c = Tasks(lighttpd.url)
    r = c.until(c.begin("all_orders"), "completed")
    assert r["result"]["structuredContent"]["results"][0]["rows"] == [[2000]], r


def test_without_the_extension(lighttpd):
    plain = Client(lighttpd.url, KEYS["one"], MODERN)
    assert plain.select("SELECT 1 AS x").result["resultType"] == "complete"
    e = plain.tool("all_orders")
    assert e.status == 400 and e.error["code"] == -32021, e
    assert e.error["data"]["requiredCapabilities"] == {"extensions": {EXTENSION: {}}}, e
    for method in ("tasks/get", "tasks/update", "tasks/cancel"):
        a = plain.call(method, {"taskId": "0" * 48, "inputResponses": {}})
        assert a.status == 400 and a.error["code"] == -32021, a
    for era in ERAS[:-1]:
        old = Client(lighttpd.url, KEYS["one"], era)
        assert old.call("tasks/get", {"taskId": "0" * 48}).error["code"] == -32601
        assert "extensions" not in old.call("initialize", {"protocolVersion": era, "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}).result["capabilities"]
        a = old.tool("all_orders")
        assert "error" in a.json or a.result["isError"], a
    can = plain.call("server/discover").result["capabilities"]
    assert can["extensions"][EXTENSION] == {} and "tasks" not in can, can


def test_unknown_foreign_and_wrong(lighttpd, site):
    c, other = Tasks(lighttpd.url), Tasks(lighttpd.url, "two")
    path = gate(site, "foreign")
    task = c.begin("waits", gate=path)
    changed = task[:-1] + ("0" if task[-1] != "0" else "1")
    for who, what in ((other, task), (c, changed), (c, task.upper()), (c, "../" + task), (c, task + ".cancel"), (c, "lock"), (c, "x" * 5000)):
        for a in (who.get(what), who.update(what), who.cancel(what)):
            assert a.error["code"] == -32602, a
    assert c.status(task) == "working"
    for method in ("tasks/list", "tasks/result"):
        assert c.call(method, {"taskId": task}, extra={"Mcp-Name": task}).error["code"] == -32601
    wrong = c.call("tasks/get", {"taskId": task}, extra={"Mcp-Name": changed})
    assert wrong.status == 400 and wrong.error["code"] == -32020, wrong
    assert c.call("tasks/get", {"taskId": 7}).error["code"] == -32602
    assert c.call("tasks/update", {"taskId": task, "inputResponses": []}).error["code"] == -32602
    opened(path)
    c.until(task, "completed")


def test_cancel_ends_all_of_it(server):
    c = Tasks(server.url)
    task = c.begin("stays")
    servers.wait_until(lambda: len(processes("sleep\x0098764")) == 2)
    for _ in range(2):
        r = c.cancel(task).result
        assert set(r) == {"resultType", "_meta"} and r["resultType"] == "complete", r
    r = c.until(task, "cancelled", "completed", "failed")
    assert r["status"] == "cancelled" and "result" not in r and "error" not in r, r
    servers.wait_until(lambda: not processes("sleep\x0098764"))
    assert c.cancel(task).result["resultType"] == "complete"
    assert c.status(task) == "cancelled"


def test_cancel_of_a_statement(lighttpd):
    c = Tasks(lighttpd.url)
    endless = "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s) SELECT count(*) FROM s"
    task = c.begin("execute_select", query=endless, defaultCatalog="shop")
    c.cancel(task)
    assert c.until(task, "cancelled", "completed", "failed")["status"] == "cancelled"


def test_killed_worker_is_a_failed_task(lighttpd, site):
    c = Tasks(lighttpd.url)
    path = gate(site, "killed")
    task = c.begin("waits", gate=path)
    os.kill(worker(path), signal.SIGKILL)
    r = c.until(task, "failed", "completed")
    assert r["status"] == "failed" and r["error"]["code"] == -32603 and "result" not in r, r
    assert c.get(task).result["error"] == r["error"]
    servers.wait_until(lambda: not processes(site.root + "/tools.d/waits.sh"))


def test_killed_while_asked_to_stop(lighttpd, site):
    c = Tasks(lighttpd.url)
    path = gate(site, "stopped")
    task = c.begin("waits", gate=path)
    pid = worker(path)
    os.kill(pid, signal.SIGSTOP)
    c.cancel(task)
    assert c.status(task) == "working"
    os.kill(pid, signal.SIGKILL)
    assert c.until(task, "cancelled", "failed")["status"] == "cancelled"


def test_errors_of_a_task(lighttpd):
    c = Tasks(lighttpd.url)
    r = c.until(c.begin("own_error"), "failed", "completed")
    assert r["status"] == "failed" and r["error"] == {"code": -32050, "message": "it broke off"} and "result" not in r, r
    r = c.until(c.begin("fails"), "failed", "completed")
    assert r["status"] == "completed" and r["result"]["isError"], r
    r = c.until(c.begin("brief"), "failed", "completed")
    assert r["status"] == "completed" and r["result"]["isError"] and r["result"]["content"][0]["text"].startswith("TIMEOUT"), r
    assert not processes("sleep\x0098764")


def test_hard_deadline_of_a_task(lighttpd, site):
    """A single function of SQLite cannot be stopped; its process can."""
    c = Tasks(lighttpd.url)
    hard = ("WITH RECURSIVE s(x) AS (SELECT 'aaaaaaa' UNION ALL SELECT x || x FROM s WHERE length(x) < 900000) "
            "SELECT " + " + ".join("instr(max(x), substr(max(x), 1, length(max(x)) / 2) || '%s')" % c for c in "bcdefghijklm") + " FROM s")
    task = c.begin("execute_select", query=hard, defaultCatalog="shop", timeout=2)
    r = c.until(task, "completed", "failed")
    assert r["status"] == "completed" and r["result"]["isError"] and "TIMEOUT" in r["result"]["content"][0]["text"], r
    assert "The limit is 2 s" in r["result"]["content"][0]["text"], r
    lines = [e for e in site.audit() if e.get("code") == "TIMEOUT" and e.get("method") == "tools/call" and e.get("sql", "").startswith("WITH RECURSIVE s(x)")]
    assert lines, "no line of its end"


def test_questions_of_a_task(server):
    c = Tasks(server.url)
    task = c.begin("asks")
    r = c.until(task, "input_required", "failed")
    assert set(r["inputRequests"]) == {"one", "other"} and "requestState" not in r, r
    assert c.update(task, unknown=accepted(x=1), one=accepted(a=7)).result["resultType"] == "complete"
    assert set(c.get(task).result["inputRequests"]) == {"one", "other"}
    c.update(task, one=accepted(a="x"))
    r = c.get(task).result
    assert r["status"] == "input_required" and set(r["inputRequests"]) == {"other"}, r
    c.update(task, one=accepted(a="another"), other={"action": "decline"})
    servers.wait_until(lambda: set(c.get(task).result.get("inputRequests", {})) == {"two"})
    c.update(task, two=accepted(b=2))
    r = c.until(task, "completed", "failed")
    said = r["result"]["content"][0]["text"]
    assert '"state": "kept"' in said.replace('":"', '": "') and '"b"' in said, r
    before = r
    c.update(task, two=accepted(b=3), one=accepted(a="replayed"))
    assert c.get(task).result == before


def test_cancel_of_a_question(lighttpd):
    c = Tasks(lighttpd.url)
    task = c.begin("asks")
    c.until(task, "input_required")
    c.cancel(task)
    assert c.until(task, "cancelled")["status"] == "cancelled"
    c.update(task, one=accepted(a="x"), other=accepted(c=True))
    assert c.status(task) == "cancelled"


def test_a_write_is_asked_for_and_runs_once(lighttpd, site):
    """The worker has no store: what may happen once it asks of the request."""
    KEYS["asked"] = site.key("tasks-asked", "--scope", "read,write", "--confirm", "ask")
    c = Tasks(lighttpd.url, "asked")
    call = {"name": "execute_update", "arguments": {"query": "UPDATE orders SET note = coalesce(note, '') || '+' WHERE id = 1", "defaultCatalog": "shop"}}

    def note():
        return c.select("SELECT note FROM orders WHERE id = 1").result["structuredContent"]["results"][0]["rows"][0][0]

    before = note()
    asked = c.call("tools/call", call).result
    assert asked["resultType"] == "input_required" and note() == before, asked
    (key, question), = asked["inputRequests"].items()
    field = question["params"]["requestedSchema"]["required"][0]
    again = {**call, "inputResponses": {key: accepted(**{field: True})}, "requestState": asked["requestState"]}
    done = c.call("tools/call", again).result
    assert done["resultType"] == "complete" and not done.get("isError"), done
    assert note() == (before or "") + "+", note()
    replayed = c.call("tools/call", again)
    assert "error" in replayed.json or replayed.result.get("isError"), replayed
    assert note() == (before or "") + "+", note()


def test_nobody_to_ask(lighttpd):
    c = Tasks(lighttpd.url)
    a = c.call("tools/call", {"name": "asks"}, capabilities={"extensions": {EXTENSION: {}}})
    r = c.until(a.result["taskId"], "failed", "completed", "input_required")
    assert r["status"] == "failed" and r["error"]["code"] == -32021, r
    assert r["error"]["data"]["requiredCapabilities"] == {"elicitation": {}}, r


def test_limit_of_a_token(lighttpd, site):
    c = Tasks(lighttpd.url, "three")
    path = gate(site, "limit")
    tasks = [c.begin("waits", gate=path) for _ in range(6)]
    r = c.tool("waits", {"gate": path}).result
    assert r["isError"] and r["content"][0]["text"].startswith("BUSY: "), r
    # One that may be a call is waited for instead.
    opened(gate(site, "limit-2"))
    assert c.tool("may_wait", {"gate": gate(site, "limit-2")}).result["content"][0]["text"] == "gone on"
    other = Tasks(lighttpd.url, "two")
    other.cancel(other.begin("waits", gate=path))
    opened(path)
    for t in tasks:
        c.until(t, "completed")
    again = c.begin("waits", gate=path)
    c.until(again, "completed")


def test_folder_that_cannot_be_written(lighttpd, site):
    c = Tasks(lighttpd.url)
    path, folder = gate(site, "unwritable"), site.state("tasks")
    opened(path)
    os.chmod(folder, 0o500)
    try:
        r = c.tool("waits", {"gate": path}).result
        assert r["isError"], r
        assert c.tool("may_wait", {"gate": path}).result["content"][0]["text"] == "gone on"
        assert c.select("SELECT 1 AS x").result["resultType"] == "complete"
    finally:
        os.chmod(folder, 0o700)


def test_client_that_leaves_before_the_handle(site):
    """nginx tells us; what nobody was told of is not gone on with."""
    with servers.Nginx(site, workers=2) as nginx:
        c = Tasks(nginx.url)
        path = gate(site, "left")
        body = json.dumps(c.message("tools/call", {"name": "may_wait", "arguments": {"gate": path}}, capabilities=CAN)).encode()
        head = "".join("%s: %s\r\n" % h for h in c.headers("tools/call", {"name": "may_wait"}).items())
        before = set(os.listdir(site.state("tasks")))
        with socket.create_connection(("127.0.0.1", nginx.port)) as s:
            s.sendall(("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n%sContent-Length: %d\r\n\r\n" % (head, len(body))).encode() + body)
            servers.wait_until(lambda: os.path.exists(path + ".here"))
        servers.wait_until(lambda: not processes(site.root + "/tools.d/may_wait.sh"))
        servers.wait_until(lambda: set(os.listdir(site.state("tasks"))) == before)


def test_audit_has_begin_and_end(lighttpd, site):
    c = Tasks(lighttpd.url)
    path = gate(site, "audit")
    task = c.begin("waits", gate=path)
    servers.wait_until(lambda: os.path.exists(path + ".here"))
    mine = [e for e in site.audit() if e.get("tool") == "waits" and e["method"] == "tools/call"][-1]["id"]
    events = [e["event"] for e in site.audit() if e["id"] == mine]
    assert events == ["begin", "task"], events
    opened(path)
    c.until(task, "completed")
    lines = [e for e in site.audit() if e["id"] == mine]
    assert [e["event"] for e in lines] == ["begin", "task", "call"], lines


def test_revoked_key_stops_its_tasks(lighttpd, site):
    KEYS["gone"] = site.key("tasks-gone", "--scope", "read,write")
    c = Tasks(lighttpd.url, "gone")
    path = gate(site, "revoked")
    c.begin("waits", gate=path)
    pid = worker(path)
    site.ctl("key", "revoke", "tasks-gone", "--config", site.conf)
    servers.wait_until(lambda: not os.path.exists("/proc/%d" % pid))
    servers.wait_until(lambda: not processes(site.root + "/tools.d/waits.sh"))


def test_listed_stopped_and_cleared(lighttpd, site):
    c = Tasks(lighttpd.url)
    path = gate(site, "listed")
    task = c.begin("waits", gate=path)
    rows = json.loads(site.ctl("task", "list", "--json", "--config", site.conf).stdout)
    row = [r for r in rows if r["id"] == task][0]
    assert row["tool"] == "waits" and row["status"] == "working", row
    assert task in site.ctl("task", "list", "--config", site.conf).stdout
    wrong = site.ctl("task", "cancel", "nonsense", "--config", site.conf, check=False)
    assert wrong.returncode == 1 and "mcpctl task list" in wrong.stderr, wrong
    site.ctl("task", "cancel", task, "--config", site.conf)
    assert c.until(task, "cancelled")["status"] == "cancelled"
    for name in os.listdir(site.state("tasks")):
        assert stat.S_IMODE(os.stat(os.path.join(site.state("tasks"), name)).st_mode) == 0o600, name
    assert stat.S_IMODE(os.stat(site.state("tasks")).st_mode) == 0o700


def test_a_new_one_clears_away_the_old(lighttpd, site):
    c = Tasks(lighttpd.url)
    old = c.begin("all_orders")
    c.until(old, "completed")
    path = site.state("tasks/" + old)
    with open(path) as f:
        head, rest = f.read().split("\n", 1)
    head = json.loads(head)
    head["created"] -= 7200000
    with open(path, "w") as f:
        f.write(json.dumps(head, separators=(",", ":")) + "\n" + rest)
    c.until(c.begin("all_orders"), "completed")
    assert not os.path.exists(path)


def test_nothing_is_left_when_all_has_expired(lighttpd, site):
    text = open(site.conf).read()
    site.configure(text.replace('ttl = "1h"', 'ttl = "1s"'))
    try:
        c = Tasks(lighttpd.url)
        r = c.tool("all_orders").result
        servers.wait_until(lambda: "error" in c.get(r["taskId"]).json)
        assert c.get(r["taskId"]).error["code"] == -32602
    finally:
        site.configure(text)
    for name in os.listdir(site.state("tasks")):
        path = os.path.join(site.state("tasks"), name)
        if len(name) == 48:
            with open(path) as f:
                lines = f.read().split("\n", 1)
            head = json.loads(lines[0])
            head["created"] -= 7200000
            with open(path, "w") as f:
                f.write(json.dumps(head, separators=(",", ":")) + "\n" + lines[1])
        os.utime(path, (time.time() - 7200,) * 2)
    site.ctl("gc", "--config", site.conf)
    assert set(os.listdir(site.state("tasks"))) <= {"lock", "log"}, os.listdir(site.state("tasks"))
