# SPDX-License-Identifier: ISC
"""Asking the user: a write is counted, asked for and run once, through the
official client and by hand; scripts that ask, and states that were changed."""
import json
import os
import sqlite3
import threading

import mcpsite
import npm
import servers
from client import MODERN, Client

SERVERS = (servers.Lighttpd, servers.LighttpdCgi, servers.ApacheFcgid)
CONF = mcpsite.CONF.replace('state    = "state";', 'state    = "state";\nconfirm_writes = "ask";\nstreams  = true;').replace("limits   = {", "limits   = { ask_time = \"20s\";").replace("readonly = false;", "readonly = false; max_affected = 5000;")
CAN = {"elicitation": {}}
YES = {"confirm": {"action": "accept", "content": {"goOn": True}}}
NO = {"confirm": {"action": "accept", "content": {"goOn": False}}}
KEYS = {}

SCRIPTS = {
    "steps.py": """#!/usr/bin/python3
# about: Asks two things, one after the other
# readOnly: yes
import json, sys
given = json.load(sys.stdin)
state = given.get("state") or {"got": []}
for a in (given.get("input") or {}).values():
    state["got"].append((a.get("content") or {}).get("v"))
form = lambda t: {"method": "elicitation/create", "params": {"mode": "form", "message": t, "requestedSchema": {"type": "object", "properties": {"v": {"type": "integer", "minimum": 1}}, "required": ["v"]}}}
if len(state["got"]) < 2:
    print(json.dumps({"state": state}))
    print(json.dumps({"ask": {"q%d" % len(state["got"]): form("Number %d?" % len(state["got"]))}}))
else:
    print("sum %d" % sum(state["got"]))
""",
    "leaves.py": """#!/usr/bin/python3
# about: Asks, then writes a line
import json, os, sys
given = json.load(sys.stdin)
if not given.get("input"):
    print(json.dumps({"ask": {"r": {"method": "roots/list"}}}))
else:
    with open(os.path.join("@", "lines"), "a") as f:
        f.write("once\\n")
    print("done")
""",
    "needs.py": """#!/usr/bin/python3
# about: Needs a model
# requires: sampling
# readOnly: yes
import os
open(os.path.join("@", "ran"), "w").close()
print(os.environ["MCP_CLIENT_CAN"])
""",
    "nonsense.py": """#!/usr/bin/python3
# about: Asks what nobody understands
# readOnly: yes
import json
print(json.dumps({"ask": {"q": {"method": "elicitation/create", "params": {"message": "?", "requestedSchema": {"type": "object", "properties": {"a": {"type": "object"}}}}}}}))
""",
}


def prepare(site):
    folder = os.path.join(site.root, "tools.d")
    made = os.path.join(site.dir, "made")
    os.makedirs(folder, exist_ok=True)
    os.makedirs(made)
    os.chmod(made, 0o777)
    for name, text in SCRIPTS.items():
        path = os.path.join(folder, name)
        with open(path, "w") as f:
            f.write(text.replace('"@"', json.dumps(made)))
        os.chmod(path, 0o755)
    site.own()


def key(site, *options):
    if (site, options) not in KEYS:
        KEYS[site, options] = site.key("asking%d" % len(KEYS), "--scope", "read,write", "--source", "shop:SELECT,INSERT,UPDATE,DELETE", *options)
    return KEYS[site, options]


def modern(server, site, *options):
    return Client(server.url, key(site, *options), MODERN)


def value(site, sql):
    db = sqlite3.connect(site.data("shop.db"), timeout=30)
    try:
        return db.execute(sql).fetchone()[0]
    finally:
        db.close()


def reset(site):
    db = sqlite3.connect(site.data("shop.db"), timeout=30)
    db.execute("UPDATE orders SET note = NULL")
    db.commit()
    db.close()


def noted(site):
    return value(site, "SELECT count(*) FROM orders WHERE note = 'asked'")


UPDATE = {"query": "UPDATE orders SET note = 'asked' WHERE id <= 1240", "defaultCatalog": "shop"}
AGAIN = {"query": "UPDATE orders SET note = coalesce(note, '') || 'x' WHERE id = 5", "defaultCatalog": "shop"}


def call(c, name, arguments=None, can=CAN, **more):
    return c.call("tools/call", {"name": name, "arguments": arguments or {}, **more}, capabilities=can)


def text(a):
    return a.result["content"][0]["text"]


def official(build, server, site, era, reply, name="execute_update", arguments=UPDATE):
    p = npm.run(build, "asking.mjs", server.url, era, name, json.dumps(arguments), json.dumps(reply), env={"PAT": key(site)})
    assert p.returncode == 0, p.stdout + p.stderr
    return json.loads(p.stdout.strip().split("\n")[-1])


def by_client(server, site, build, era, spoken):
    reset(site)
    x = official(build, server, site, era, {"action": "decline"})
    assert x["era"] == spoken and x["error"] and "nothing was changed" in x["text"], x
    assert [a["message"] for a in x["asked"]] == ["This UPDATE changes 1,240 rows of shop.orders. Go on?"], x
    assert noted(site) == 0
    x = official(build, server, site, era, {"action": "accept", "content": {"goOn": False}})
    assert x["error"] and len(x["asked"]) == 1 and noted(site) == 0, x
    x = official(build, server, site, era, {"action": "accept", "content": {"goOn": True}})
    assert not x["error"] and len(x["asked"]) == 1, x
    assert x["structured"]["results"][0]["affectedRows"] == 1240 and noted(site) == 1240, x


def test_official_client_auto(server, site, build):
    by_client(server, site, build, "auto", "modern")


def test_official_client_pinned(server, site, build):
    by_client(server, site, build, MODERN, "modern")


test_official_client_pinned.servers = (servers.Lighttpd,)


def test_official_client_legacy(server, site, build):
    by_client(server, site, build, "legacy", "legacy")


def test_a_script_through_the_official_client(lighttpd, site, build):
    x = official(build, lighttpd, site, "auto", {"action": "accept", "content": {"v": 21}}, "steps", {})
    assert x["text"] == "sum 42" and [a["message"] for a in x["asked"]] == ["Number 0?", "Number 1?"], x


def test_by_hand(server, site):
    reset(site)
    c = modern(server, site)
    a = call(c, "execute_update", UPDATE)
    assert a.status == 200 and a.result["resultType"] == "input_required", a
    q = a.result["inputRequests"]["confirm"]
    assert q["method"] == "elicitation/create" and q["params"]["requestedSchema"]["properties"]["goOn"]["description"] == UPDATE["query"], q
    state = a.result["requestState"]
    assert noted(site) == 0
    no = call(c, "execute_update", UPDATE, inputResponses=NO, requestState=state)
    assert no.result["isError"] and text(no).startswith("CANCELLED: ") and noted(site) == 0, no
    yes = call(c, "execute_update", UPDATE, inputResponses=YES, requestState=state)
    assert yes.result["structuredContent"]["results"][0]["affectedRows"] == 1240, yes
    reset(site)
    for _ in range(3):
        more = call(c, "execute_update", UPDATE, inputResponses=YES, requestState=state)
        assert more.result["isError"] and text(more).startswith("CONFLICT: "), more
    assert noted(site) == 0
    lines = [json.loads(line) for line in open(site.state("audit.jsonl"))]
    asked = [x for x in lines if x.get("asked") == "confirm"]
    assert asked and asked[-1]["code"] == "ASKED" and asked[-1]["tool"] == "execute_update", asked
    assert any(x.get("answered") == "confirm=accept" and x.get("affected") == 1240 for x in lines), lines[-9:]


def test_one_yes_at_the_same_time(server, site):
    """Ten requests bring the same yes: one of them does it."""
    reset(site)
    c = modern(server, site)
    state = call(c, "execute_update", AGAIN).result["requestState"]
    got = []

    def one():
        a = call(modern(server, site), "execute_update", AGAIN, inputResponses=YES, requestState=state)
        got.append("done" if "structuredContent" in a.result else text(a).split(":")[0])

    all_ = [threading.Thread(target=one) for _ in range(10)]
    for t in all_:
        t.start()
    for t in all_:
        t.join()
    assert sorted(got) == ["CONFLICT"] * 9 + ["done"], got
    assert value(site, "SELECT note FROM orders WHERE id = 5") == "x"


def test_another_count(lighttpd, site):
    reset(site)
    c = modern(lighttpd, site)
    what = {"query": "UPDATE orders SET note = 'asked' WHERE note IS NULL AND id <= 10", "defaultCatalog": "shop"}
    a = call(c, "execute_update", what)
    db = sqlite3.connect(site.data("shop.db"))
    db.execute("UPDATE orders SET note = 'mine' WHERE id = 3")
    db.commit()
    db.close()
    b = call(c, "execute_update", what, inputResponses=YES, requestState=a.result["requestState"])
    assert b.result["inputRequests"]["confirm"]["params"]["message"] == "This UPDATE changes 9 rows of shop.orders. Go on?", b
    assert noted(site) == 0
    d = call(c, "execute_update", what, inputResponses=YES, requestState=b.result["requestState"])
    assert d.result["structuredContent"]["results"][0]["affectedRows"] == 9 and noted(site) == 9, d


def test_who_cannot_be_asked(lighttpd, site):
    reset(site)
    for c, kw in ((modern(lighttpd, site), {"can": {}}), (Client(lighttpd.url, key(site), "2025-11-25"), {})):
        a = call(c, "execute_update", UPDATE, **kw)
        assert a.result["isError"] and text(a).startswith("PERMISSION_DENIED: "), a
    assert noted(site) == 0
    a = call(modern(lighttpd, site, "--confirm", "refuse"), "execute_update", UPDATE, can={})
    assert text(a).startswith("PERMISSION_DENIED: ") and noted(site) == 0, a
    free = modern(lighttpd, site, "--confirm", "allow")
    assert "inputRequests" in call(free, "execute_update", UPDATE).result
    a = call(free, "execute_update", UPDATE, can={})
    assert a.result["structuredContent"]["results"][0]["affectedRows"] == 1240 and noted(site) == 1240, a


def test_whoever_typed_it_agreed(site):
    """mcpctl call writes without a question, but a key is tried as it is."""
    reset(site)
    words = ("call", "execute_update", json.dumps(UPDATE), "--config", site.conf)
    made = key(site)
    kid = made[5:17]
    p = site.ctl(*words, "--key", kid, check=False)
    assert p.returncode == 1 and p.stdout.startswith("PERMISSION_DENIED: ") and noted(site) == 0, (p.stdout, p.stderr)
    p = site.ctl(*words, "--scope", "read,write")
    assert noted(site) == 1240, (p.stdout, p.stderr)


def test_states_that_are_not_ours(server, site):
    reset(site)
    c = modern(server, site)
    state = call(c, "execute_update", UPDATE).result["requestState"]
    other = modern(server, site, "--max-rows", "5")
    cases = [
        (c, UPDATE, state + "-TAMPERED"), (c, UPDATE, state[:-1]), (c, UPDATE, state[1:]), (c, UPDATE, ""), (c, UPDATE, "null"),
        (c, UPDATE, state[:40] + ("A" if state[40] != "A" else "B") + state[41:]), (c, UPDATE, state * 200), (c, UPDATE, state + "="),
        (c, dict(UPDATE, allRows=True), state), (c, AGAIN, state), (other, UPDATE, state), (c, UPDATE, 7), (c, UPDATE, None), (c, UPDATE, {}),
    ]
    for who, what, s in cases:
        a = call(who, "execute_update", what, inputResponses=YES, requestState=s)
        assert a.status == 200 and a.error["code"] == -32602, (s, a)
    a = call(c, "execute_sql", UPDATE, inputResponses=YES, requestState=state)
    assert a.error["code"] == -32602, a
    for bad in (None, [], "yes", 1):
        a = call(c, "execute_update", UPDATE, inputResponses=bad, requestState=state)
        assert a.error["code"] == -32602, a
    for wrong in ({}, {"other": YES["confirm"]}, {"confirm": 12345}, {"confirm": {"action": "accept", "content": {"goOn": "yes"}}}):
        a = call(c, "execute_update", UPDATE, inputResponses=wrong, requestState=state)
        assert a.result["resultType"] == "input_required", (wrong, a)
    assert noted(site) == 0
    a = call(c, "execute_update", UPDATE, inputResponses=dict(YES, x=1, y={}), requestState=state)
    assert a.result["structuredContent"]["results"][0]["affectedRows"] == 1240, a


def test_a_script_in_rounds(server, site):
    c = modern(server, site)
    a = call(c, "steps")
    seen = [a.result["requestState"]]
    for n, v in enumerate((20, 22)):
        wrong = call(c, "steps", inputResponses={"q%d" % n: {"action": "accept", "content": {"v": 0}}}, requestState=seen[-1])
        assert list(wrong.result["inputRequests"]) == ["q%d" % n], wrong
        a = call(c, "steps", inputResponses={"q%d" % n: {"action": "accept", "content": {"v": v}}}, requestState=seen[-1])
        seen.append(a.result.get("requestState"))
    assert text(a) == "sum 42" and len(set(seen)) == 3, a


def test_a_script_that_changes_something(server, site):
    """What it does once is not done twice by sending the answer again."""
    c = modern(server, site)
    lines = os.path.join(site.dir, "made", "lines")
    if os.path.exists(lines):
        os.remove(lines)
    a = call(c, "leaves", can={"roots": {}})
    reply = {"inputResponses": {"r": {"roots": []}}, "requestState": a.result["requestState"]}
    assert not os.path.exists(lines)
    assert text(call(c, "leaves", can={"roots": {}}, **reply)).startswith("done")
    assert text(call(c, "leaves", can={"roots": {}}, **reply)).startswith("CONFLICT: ")
    assert open(lines).read() == "once\n"


def test_what_a_script_needs(server, site):
    c = modern(server, site)
    ran = os.path.join(site.dir, "made", "ran")
    if os.path.exists(ran):
        os.remove(ran)
    a = call(c, "needs")
    assert a.status == 400 and a.error["code"] == -32021 and a.error["data"] == {"requiredCapabilities": {"sampling": {}}}, a
    old = Client(server.url, key(site), "2025-11-25").tool("needs")
    assert old.result["isError"] and text(old).startswith("PERMISSION_DENIED: "), old
    assert not os.path.exists(ran)
    a = call(c, "needs", can={"sampling": {}, "elicitation": {"url": {}}})
    assert text(a).startswith("elicitation.url,sampling") and os.path.exists(ran), a
    a = call(c, "steps", can={"sampling": {}})
    assert a.status == 400 and a.error["data"] == {"requiredCapabilities": {"elicitation": {}}}, a


def test_nonsense(lighttpd, site):
    a = call(modern(lighttpd, site), "nonsense")
    assert a.result["isError"] and text(a).startswith("INTERNAL: "), a
    assert "properties" not in text(a), a
