# SPDX-License-Identifier: ISC
"""Programs as tools: described by comment lines or JSON, told by stdin, heard
by stdout; and programs that misbehave, of which nothing is left."""
import json
import os
import shutil

import npm
import servers
from client import MODERN, Client, ERAS
from mcpsite import CONF as USUAL

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(HERE, "..", "..", "examples", "tools")
KEYS = {}

GOOD = {
    "hello.sh": "#!/bin/sh\n# about: Says hello\n# param name string required: Whom to greet\n# param times integer: How often\n# readOnly: yes\ncat\n",
    "change.sh": "#!/bin/sh\n# about: Changes something\necho changed\n",
    "steps.sh": '#!/bin/sh\n# about: Tells its steps\n# readOnly: yes\nfor n in 1 2 3; do echo "{\\"progress\\":$n,\\"total\\":3,\\"message\\":\\"step $n\\"}"; done\necho \'{"log":{"level":"info","data":"done"}}\'\necho \'{"content":[{"type":"text","text":"three steps"}]}\'\n',
    "world.sh": "#!/bin/sh\n# about: Shows what it is told\n# readOnly: yes\nenv | sort | tr '\\n' ' '\npwd\nid -u >&2\nls /proc/self/fd | wc -l\n",
    "sum.sh": '#!/bin/sh\ncat >/dev/null\necho \'{"structuredContent":{"sum":7}}\'\n',
    "wrongsum.sh": '#!/bin/sh\ncat >/dev/null\necho \'{"structuredContent":{"sum":"seven"}}\'\n',
    "nosum.sh": "#!/bin/sh\ncat >/dev/null\necho seven\n",
    "list.sh": '#!/bin/sh\n# about: Gives a list\n# readOnly: yes\necho \'{"structuredContent":[1,2]}\'\n',
    "all.sh": '#!/bin/sh\n# about: Every type\n# readOnly: yes\necho \'{"content":[{"type":"text","text":"t"},{"type":"image","data":"AAAA","mimeType":"image/png"},{"type":"audio","data":"AAAA","mimeType":"audio/wav"},{"type":"resource_link","uri":"x://y","name":"y"},{"type":"resource","resource":{"uri":"x://z","text":"z"}}]}\'\n',
    "region.sh": "#!/bin/sh\ncat >/dev/null\necho here\n",
    "own_error.sh": '#!/bin/sh\n# about: Fails in its own words\n# readOnly: yes\necho \'{"isError":true,"content":[{"type":"text","text":"no such order"}]}\'\nexit 1\n',
    "json.sh": "#!/bin/sh\n# about: Prints JSON of its own\n# readOnly: yes\nprintf '{\\n  \"a\": 1\\n}\\n'\n",
}
DESCRIBED = {
    "sum.json": {"title": "Sum", "description": "Adds", "inputSchema": {"type": "object", "properties": {"a": {"$ref": "#/$defs/n"}, "word": {"type": "string", "pattern": "^[a-z]+$"}}, "$defs": {"n": {"type": "integer", "minimum": 1, "maximum": 9}}, "required": ["a"], "additionalProperties": False},
                 "outputSchema": {"type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"]}, "annotations": {"readOnlyHint": True, "idempotentHint": True}, "icons": [{"src": "https://example.org/i.png"}], "_meta": {"example.org/x": 1}},
    "region.json": {"description": "Takes a region", "inputSchema": {"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}, "n": {"type": "integer", "x-mcp-header": "Count"}}}, "annotations": {"readOnlyHint": True}},
}
for name in ("wrongsum", "nosum"):
    DESCRIBED[name + ".json"] = {"description": "Adds wrongly", "outputSchema": DESCRIBED["sum.json"]["outputSchema"], "annotations": {"readOnlyHint": True}}

# Every one leaves a process that would go on, with a mark in its arguments.
STAY = "sleep 98765"
BAD = {
    "hang.sh": (STAY, "TIMEOUT: ", "did not finish"),
    "hang_stubborn.sh": ("trap '' TERM; while :; do %s; done" % STAY, "TIMEOUT: ", "did not finish"),
    "hang_closed.sh": ("exec >&- 2>&-; %s" % STAY, "TIMEOUT: ", "did not finish"),
    "flood.sh": ("%s & yes" % STAY, "TOO_LARGE: ", "8388608 bytes"),
    "long_line.sh": ("%s & head -c 7000000 /dev/zero | tr '\\0' x" % STAY, "TOO_LARGE: ", "6291456 bytes"),
    "half.sh": ("%s & printf '{\"content\":[{\"type\":\"te'" % STAY, "INTERNAL: ", "breaks off"),
    "half_after.sh": ("echo '{\"progress\":1}'; printf '{\"con'", "INTERNAL: ", "breaks off"),
    "signal.sh": ("%s & kill -SEGV $$" % STAY, "INTERNAL: ", "signal 11"),
    "status.sh": ("echo secret words >&2; exit 3", "INTERNAL: ", "exit status 3"),
    "not_utf8.sh": ("printf 'a\\377b\\n'", "INTERNAL: ", "not UTF-8"),
    "not_utf8_json.sh": ("printf '{\"content\":[{\"type\":\"text\",\"text\":\"\\377\"}]}\\n'", "INTERNAL: ", "not one of ours"),
    "not_json.sh": ("echo '{\"progress\":1}'; echo nonsense", "INTERNAL: ", "not one of ours"),
    "bad_item.sh": ("echo '{\"content\":[{\"type\":\"film\"}]}'", "INTERNAL: ", "no known"),
    "bad_base64.sh": ("echo '{\"content\":[{\"type\":\"image\",\"data\":\"!\",\"mimeType\":\"image/png\"}]}'", "INTERNAL: ", "Base64"),
    "no_interpreter.sh": (None, "INTERNAL: ", "exit status 127"),
}
FINE_BUT_LEAVES = {
    "background.sh": "%s & echo ok" % STAY,
    "daemon.sh": "setsid sh -c '%s' >/dev/null 2>&1 </dev/null & echo ok" % STAY,
    "double.sh": "(setsid sh -c '(setsid %s &) ; exec %s' &) & echo ok; sleep 0.2" % (STAY, STAY),
}


def put(site, name, text):
    path = os.path.join(site.root, "tools.d", name)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, 0o644 if name.endswith(".json") else 0o755)
    site.own()


CONF = USUAL


def prepare(site):
    """The programs are there before the first server starts."""
    os.mkdir(os.path.join(site.root, "tools.d"), 0o755)
    for name, text in GOOD.items():
        put(site, name, text)
    for name, what in DESCRIBED.items():
        put(site, name, json.dumps(what))
    for name, (text, _, _) in BAD.items():
        put(site, name, "#!%s\n# about: Bad\n# readOnly: yes\n# timeout: 1s\n%s\n" % ("/no/interpreter" if text is None else "/bin/sh", text))
    for name, text in FINE_BUT_LEAVES.items():
        put(site, name, "#!/bin/sh\n# about: Leaves something\n# readOnly: yes\n%s\n" % text)
    KEYS[site] = {s: site.key("scripts-" + s.replace(",", "-"), "--scope", s, "--source", "*:SELECT") for s in ("read", "read,write")}


def client(server, site, era="2025-11-25", scope="read,write"):
    return Client(server.url, KEYS[site][scope], era)


def left():
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                if b"98765" in f.read():
                    found.append(pid)
        except OSError:
            pass
    return found


def text(a):
    return a.result["content"][0]["text"]


def test_listed_and_called(server, site):
    for era in ERAS:
        c = client(server, site, era)
        tools = {t["name"]: t for t in c.call("tools/list").result["tools"]}
        assert {"hello", "change", "sum"} <= set(tools), sorted(tools)
        hello = tools["hello"]
        assert hello["description"] == "Says hello" and hello["inputSchema"]["required"] == ["name"], hello
        assert hello["inputSchema"]["properties"]["times"] == {"type": "integer", "description": "How often"}, hello
        assert json.loads(text(c.tool("hello", {"name": "Ann"}))) == {"name": "Ann"}
    c = client(server, site, MODERN)
    tools = {t["name"]: t for t in c.call("tools/list").result["tools"]}
    d = DESCRIBED["sum.json"]
    for member in ("title", "description", "inputSchema", "outputSchema", "annotations", "icons", "_meta"):
        assert tools["sum"][member] == d[member], (member, tools["sum"])
    assert tools["change"]["annotations"]["readOnlyHint"] is False, tools["change"]
    assert tools["region"]["inputSchema"] == DESCRIBED["region.json"]["inputSchema"]


# There the program stands alone, without the module that patterns need.
test_listed_and_called.servers = [s for s in servers.ALL if s.name != "apache-htaccess"]


def test_first_scripts_of_a_running_server(site):
    """The sandbox of a site without programs has no way to the module regex:
    such a worker makes way for one that has."""
    server = servers.Lighttpd(site).start()
    folder = os.path.join(site.root, "tools.d")
    try:
        token = client(server, site).token
        os.rename(folder, folder + ".away")
        fresh = servers.Lighttpd(site).start()
        try:
            c = Client(fresh.url, token)
            for _ in range(8):
                assert "sum" not in c.names()
            os.rename(folder + ".away", folder)
            for _ in range(8):
                c.names()
            assert "sum" in c.names()
        finally:
            fresh.stop()
    finally:
        if os.path.exists(folder + ".away"):
            os.rename(folder + ".away", folder)
        server.stop()


def test_rights(lighttpd, site):
    c = client(lighttpd, site, scope="read")
    assert "hello" in c.names() and "change" not in c.names()
    assert c.tool("change").error["code"] == -32602
    assert text(client(lighttpd, site).tool("change")) == "changed"
    assert "hello" not in c.names("?ops=execute_select") and "hello" not in c.names("?tools=sql")


def test_arguments_are_checked(lighttpd, site):
    c = client(lighttpd, site, "2025-06-18")
    wrong = (
        ("hello", {}, "missing required field 'name'"), ("hello", {"name": 1}, "field 'name' must be a string"),
        ("hello", {"name": "x", "times": "y"}, "field 'times' must be an integer"), ("hello", {"name": "x", "more": 1}, "unknown field 'more' (known: name, times)"),
        ("sum", {"a": 0}, "field 'a' must be between 1 and 9"), ("sum", {"a": 1, "word": "UP"}, "field 'word' does not match the pattern ^[a-z]+$"),
        ("change", {"x": 1}, "unknown field 'x' (known: none)"),
    )
    for tool, args, words in wrong:
        e = c.tool(tool, args).error
        assert e["code"] == -32602 and e["message"] == "Invalid parameters: " + words, e
    assert json.loads(text(c.tool("hello", {"name": "x", "times": "7"}))) == {"name": "x", "times": 7}
    a = client(lighttpd, site).tool("hello", {})
    assert a.result["isError"] and text(a).startswith("INVALID_ARGUMENT: "), a


def test_results(lighttpd, site):
    c = client(lighttpd, site)
    a = c.tool("sum", {"a": 1})
    assert a.result["structuredContent"] == {"sum": 7} and json.loads(text(a)) == {"sum": 7}, a
    for tool in ("wrongsum", "nosum"):
        a = c.tool(tool)
        assert a.result["isError"] and "structuredContent" in text(a), a
    assert "structuredContent" not in c.tool("list").result
    assert client(lighttpd, site, MODERN).tool("list").result["structuredContent"] == [1, 2]
    a = c.tool("own_error")
    assert a.result["isError"] and text(a) == "no such order", a
    assert json.loads(text(c.tool("json"))) == {"a": 1}
    types = lambda era: [i["type"] for i in client(lighttpd, site, era).tool("all").result["content"]]  # noqa: E731
    assert types(MODERN) == ["text", "image", "audio", "resource_link", "resource"]
    assert types("2025-03-26") == ["text", "image", "audio", "text", "resource"]
    old = client(lighttpd, site, "2025-03-26").tool("all", extra={"MCP-Protocol-Version": "2024-11-05"}).result["content"]
    assert [i["type"] for i in old] == ["text", "image", "resource", "text", "resource"] and old[2]["resource"]["blob"] == "AAAA", old


def test_progress(lighttpd, site):
    for era in ("2025-11-25", MODERN):
        events = client(lighttpd, site, era).tool("steps", meta={"progressToken": "p"}).events
        steps = [e["params"] for e in events if e.get("method") == "notifications/progress"]
        assert [(s["progress"], s["message"]) for s in steps] == [(1, "step 1"), (2, "step 2"), (3, "step 3")], events
        assert events[-1]["result"]["content"][0]["text"] == "three steps"


def test_headers(lighttpd, site):
    c = client(lighttpd, site, MODERN)
    assert text(c.tool("region", {"region": "north"}, extra={"Mcp-Param-Region": "north"})) == "here"
    assert text(c.tool("region", {"region": "n\u00f6", "n": 7}, extra={"Mcp-Param-Region": "=?base64?bsO2?=", "Mcp-Param-Count": "7"})) == "here"
    for args, extra in (({"region": "north"}, {}), ({"region": "north"}, {"Mcp-Param-Region": "south"}), ({}, {"Mcp-Param-Region": "north"}), ({"n": 7}, {"Mcp-Param-Count": "8"})):
        a = c.tool("region", args, extra=extra)
        assert a.status == 400 and a.error["code"] == -32020, a


def test_surroundings(lighttpd, site):
    words = text(client(lighttpd, site).tool("world")).split()
    env = dict(w.split("=", 1) for w in words if "=" in w)
    env.pop("_", None), env.pop("PWD", None), env.pop("OLDPWD", None), env.pop("SHLVL", None)
    assert env == {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TMPDIR": "/tmp", "MCP_TOOL": "world", "MCP_KEY_LABEL": "scripts-read-write", "MCP_ERA": "2025-11-25", "MCP_CLIENT_CAN": env["MCP_CLIENT_CAN"]}, env
    assert words[-2:] == ["/", "4"], words


def test_bad_scripts(server, site):
    c = client(server, site)
    assert c.tool("hello", {"name": "x"}).status == 200
    before = sorted(os.listdir(site.state("")))
    for name, (_, code, words) in BAD.items():
        a = c.tool(name[:-3])
        assert a.status == 200 and a.result.get("isError") is True, (name, a)
        assert text(a).startswith(code) and words in text(a) and "secret" not in text(a), (name, text(a))
        assert left() == [], name
    for name in FINE_BUT_LEAVES:
        assert text(c.tool(name[:-3])) == "ok", name
        assert left() == [], name
    after = sorted(os.listdir(site.state("")))
    assert after == before, (before, after)
    begun = [e for e in site.audit() if e.get("tool") == "hang" and e["event"] == "begin"]
    assert begun, "no line before the run"


# Each way a program can be started: by a worker of lighttpd, of Apache, of our
# own, and by a process for one call.
test_bad_scripts.servers = (servers.Lighttpd, servers.LighttpdCgi, servers.ApacheFcgid, servers.Nginx)


def test_new_changed_and_gone(lighttpd, site):
    c = client(lighttpd, site)
    assert "fresh" not in c.names()
    put(site, "fresh.sh", "#!/bin/sh\n# about: Fresh\necho one\n")
    assert "fresh" in c.names() and text(c.tool("fresh")) == "one"
    put(site, "fresh.sh", "#!/bin/sh\n# about: Fresher\necho two, longer\n")
    assert text(c.tool("fresh")) == "two, longer"
    os.unlink(os.path.join(site.root, "tools.d", "fresh.sh"))
    assert "fresh" not in c.names()


def test_bad_files_are_named(lighttpd, site):
    c = client(lighttpd, site)
    path = os.path.join(site.root, "tools.d", "bad.sh")
    put(site, "bad.sh", "#!/bin/sh\necho nothing said\n")

    def complaint():
        p = site.ctl("check", "--config", site.conf, check=False)
        assert p.returncode != 0 and "bad" in p.stdout + p.stderr, p
        return p.stdout + p.stderr
    assert path in complaint() and "say what it does" in complaint()
    assert "bad" not in c.names() and "hello" in c.names()
    put(site, "bad.sh", "#!/bin/sh\n# about: x\n# param two words maybe: no\n")
    assert path + ":3" in complaint()
    put(site, "bad.sh", "#!/bin/sh\n# about: x\n")
    os.chmod(path, 0o775)
    assert path in complaint() and "may be written by others" in complaint()
    os.chmod(path, 0o755)
    for schema, words in (
        ("{", "JSON"), ('{"inputSchema":{"type":"array"}}', '"object"'), ('{"inputSchema":{"type":"object","properties":{"a":{"type":"strin"}}}}', "unknown type"),
        ('{"inputSchema":{"type":"object","properties":{"a":{"$ref":"#/$defs/none"}}}}', "$ref"), ('{"inputSchema":{"type":"object","properties":{"a":{"pattern":"("}}}}', "pattern"),
        ('{"inputSchema":{"type":"object","properties":{"a":{"type":"number","x-mcp-header":"A"}}}}', "x-mcp-header"), ('{"inputSchema":{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"A b"}}}}', "x-mcp-header"),
        ('{"inputSchema":{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}}}}', "twice"), ('{"inputSchema":{"type":"object","properties":{"a":{"type":"array","items":{"type":"string","x-mcp-header":"A"}}}}}', "reachable"),
        ('{"inputschema":{}}', "inputschema"),
    ):
        put(site, "bad.json", schema)
        said = complaint()
        assert words in said, (schema, said)
    os.unlink(os.path.join(site.root, "tools.d", "bad.json"))
    os.unlink(path)
    put(site, "hello.py", "#!/usr/bin/python3\n# about: The same name\n")
    said = site.ctl("check", "--config", site.conf, check=False)
    assert "hello.sh" in said.stdout + said.stderr, said
    os.unlink(os.path.join(site.root, "tools.d", "hello.py"))
    assert site.ctl("check", "--config", site.conf).returncode == 0


def test_unfit_files_are_left_out(server, site):
    """Each is named in the log and never run; all else works, in a worker that
    was there before as in a process of its own."""
    c = client(server, site)
    folder = os.path.join(site.root, "tools.d")
    usual = set(c.names())
    unfit = {"open.sh": 0o775, "mute.sh": 0o755, "README.txt": 0o755, "hello.py": 0o755, "get_tables.sh": 0o755, "two words.sh": 0o755, "queryData.sh": 0o755}
    for name, mode in unfit.items():
        put(site, name, "#!/bin/sh\n%s\ntouch %s/ran\n" % ("" if name in ("mute.sh", "README.txt") else "# about: x", site.data("")))
        os.chmod(os.path.join(folder, name), mode)
    try:
        assert set(c.names()) == usual - {"hello"}
        for tool in ("hello", "open", "mute", "README", "two words"):
            assert c.tool(tool, {"name": "x"}).error["code"] == -32602
        assert not c.tool("get_tables", {"catalogName": "shop"}).result.get("isError")
        assert not os.path.exists(site.data("ran"))
        said = server.stderr()
        log = os.path.join(server.dir, "error.log")
        if os.path.exists(log):
            with open(log) as f:
                said += f.read()
        told = site.ctl("check", "--config", site.conf, check=False)
        assert told.returncode == 3, told
        doctor = site.ctl("doctor", "--config", site.conf, check=False)
        for name in list(unfit) + ["hello.sh"]:
            for text_ in (said, told.stdout + told.stderr, doctor.stdout + doctor.stderr):
                assert "%s/%s:1: left out: " % (folder, name) in text_, (name, text_)
        fresh = type(server)(site).start()
        try:
            assert set(Client(fresh.url, c.token, "2025-11-25").names()) == usual - {"hello"}
        finally:
            fresh.stop()
    finally:
        for name in unfit:
            os.unlink(os.path.join(folder, name))
    assert set(c.names()) == usual
    assert site.ctl("check", "--config", site.conf).returncode == 0


test_unfit_files_are_left_out.servers = (servers.Lighttpd, servers.LighttpdCgi)


def test_sandbox(lighttpd, site):
    c = client(lighttpd, site)
    put(site, "writes.sh", "#!/bin/sh\n# about: Tries to write\nfor f in /tmp/e2e-$$ /var/tmp/e2e-$$ /dev/shm/e2e-$$; do (echo x >$f) 2>/dev/null && echo \"$f\" && rm $f; done\ntrue\n")
    said = text(c.tool("writes"))
    assert said.startswith("/tmp/") and "\n" not in said, said
    os.unlink(os.path.join(site.root, "tools.d", "writes.sh"))


def test_examples(lighttpd, site):
    c = client(lighttpd, site)
    for name in sorted(os.listdir(EXAMPLES)):
        shutil.copy(os.path.join(EXAMPLES, name), os.path.join(site.root, "tools.d", name))
    site.own()
    for tool, program in (("count_sh", "sh"), ("count_python", "python3"), ("count_php", "php"), ("count_perl", "perl")):
        if shutil.which(program) is None:
            continue
        events = c.tool(tool, {"text": "one two three"}, meta={"progressToken": 1}).events
        assert any(e.get("method") == "notifications/progress" for e in events), (tool, events)
        r = events[-1]["result"]
        assert r["structuredContent"] == {"words": 3, "characters": 13}, (tool, r)
        a = c.tool(tool, {"text": ""})
        asked = a.json
        assert "no text" in json.dumps(asked) or "ask the user" in json.dumps(asked), (tool, asked)


def test_client_that_goes_away(lighttpd, site):
    import socket
    from urllib.parse import urlsplit
    c = client(lighttpd, site, MODERN)
    put(site, "slow.sh", "#!/bin/sh\n# about: Slow\n# readOnly: yes\n# timeout: 20s\necho '{\"progress\":1}'\n%s\n" % STAY)
    m = c.message("tools/call", {"name": "slow"}, meta={"progressToken": 1})
    body = json.dumps(m).encode()
    head = c.headers("tools/call", {"name": "slow"})
    u = urlsplit(c.url)
    lines = ["POST %s HTTP/1.1" % u.path, "Host: " + u.netloc, "Content-Length: %d" % len(body)] + ["%s: %s" % h for h in head.items()]
    with socket.create_connection((u.hostname, u.port)) as s:
        s.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        while b"progress" not in s.recv(65536):
            pass
        servers.wait_until(left)
    servers.wait_until(lambda: not left())
    os.unlink(os.path.join(site.root, "tools.d", "slow.sh"))


def test_five_lines_of_sh(server, site, build):
    """The tool of README, through the official client in both eras."""
    with open(os.path.join(HERE, "..", "..", "README.md")) as f:
        part = f.read().split("## A tool in five lines")[1].split("## ")[0]
    lines = [line[4:] for line in part.split("\n") if line.startswith("    ")]
    assert len(lines) == 5 and lines[0] == "#!/bin/sh", lines
    put(site, "count.sh", "\n".join(lines) + "\n")
    for mode, era in (("legacy", "legacy"), ("auto", "modern")):
        p = npm.run(build, "tool.mjs", server.url, mode, "count", env={"PAT": KEYS[site]["read"]})
        assert p.returncode == 0, p.stdout + p.stderr
        x = json.loads(p.stdout)
        assert x["era"] == era and x["tool"]["description"] == "Counts to three, and says how far it is", x
        assert [(e["progress"], e["total"]) for e in x["progress"]] == [(1, 3), (2, 3), (3, 3)], x
        assert x["result"]["content"] == [{"type": "text", "text": "One, two, three."}], x
    os.unlink(os.path.join(site.root, "tools.d", "count.sh"))


test_five_lines_of_sh.servers = (servers.Lighttpd, servers.LighttpdCgi, servers.ApacheFcgid, servers.Nginx)
