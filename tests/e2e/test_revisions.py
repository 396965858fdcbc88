# SPDX-License-Identifier: ISC
"""The table of features and revisions (tests/cases/revisions): which methods
there are, what is taken out for older ones, the forms of errors.  Each answer is
checked against the schema file of its revision."""
import base64
import collections
import glob
import importlib.util
import json
import os

import schema_check
import servers
from client import ERAS, MODERN, Client, request

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "..", "cases", "revisions", "*.case")
TOOLS = {
    "gives_a_link.sh": '#!/bin/sh\n# about: Gives a link\n# readOnly: yes\necho \'{"content":[{"type":"resource_link","uri":"test://static-text","name":"static_text"}]}\'\n',
    "gives_an_object.sh": '#!/bin/sh\ncat >/dev/null\necho \'{"structuredContent":{"sum":7}}\'\n',
    "gives_an_object.json": '{"description":"Gives an object","annotations":{"readOnlyHint":true},"outputSchema":{"type":"object","properties":{"sum":{"type":"integer"}}}}',
    "gives_a_list.sh": '#!/bin/sh\n# about: Gives a list\n# readOnly: yes\necho \'{"structuredContent":[1,2]}\'\n',
}
SOUND = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA="

Case = collections.namedtuple("Case", "name send body headers only expected")


def fixture(build):
    """The site of the conformance suite, and a few things it does not need."""
    spec = importlib.util.spec_from_file_location("conformance_run", os.path.join(HERE, "..", "conformance", "run.py"))
    run = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(run)
    site = run.Fixture(build)
    for name, text in TOOLS.items():
        with open(os.path.join(site.root, "tools", name), "w") as f:
            f.write(text)
        os.chmod(f.name, 0o644 if name.endswith(".json") else 0o755)
    with open(os.path.join(site.root, "files", "beep.wav"), "wb") as f:
        f.write(base64.b64decode(SOUND))
    with open(site.conf) as f:
        text = f.read()
    site.configure(text.replace("prompts = {\n", 'prompts = {\n    with_a_sound = { about = "A sound"; messages = ( { audio = "files/beep.wav"; } ); };\n'))
    site.own()
    return site


def read_cases():
    cases = []
    for path in sorted(glob.glob(CASES)):
        with open(path) as f:
            for block in f.read().split("=== ")[1:]:
                lines = block.rstrip().split("\n")
                case = Case(lines[0], [], [], {}, [], [])
                for line in filter(None, lines[1:]):
                    word, _, rest = line.strip().partition(" ")
                    if line.startswith("  "):
                        case.expected[-1][2].append((word, rest))
                    elif word == "at":
                        *eras, status = rest.split()
                        case.expected.append((eras, int(status), []))
                    elif word == "send":
                        method, _, params = rest.partition(" ")
                        case.send.extend([method, json.loads(params)])
                    elif word == "header":
                        name, _, value = rest.partition(":")
                        case.headers[name] = value.strip()
                    elif word in ("only", "body"):
                        getattr(case, word).extend(rest.split() if word == "only" else [rest])
                    else:
                        raise AssertionError("%s: %s" % (case.name, line))
                told = [e for eras, _, _ in case.expected for e in eras]
                assert sorted(told) == sorted(case.only or ERAS), (case.name, "each revision once", told)
                cases.append(case)
    return cases


def holds(have, want):
    if isinstance(want, dict):
        return isinstance(have, dict) and all(k in have and holds(have[k], v) for k, v in want.items())
    if isinstance(want, list):
        return isinstance(have, list) and len(have) == len(want) and all(map(holds, have, want))
    return type(have) is type(want) and have == want


def at(value, path):
    for part in path.split("/"):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return None
    return value


def expect(answer, word, rest):
    """One line of a case; whether it holds."""
    if word == "empty":
        return answer.body == b""
    if word == "has":
        return holds(answer.json, json.loads(rest))
    if word == "is":
        return answer.json == json.loads(rest)
    if word == "no":
        return at(answer.json, rest) is None
    path, _, what = rest.partition(" ")
    if word == "each":
        found = at(answer.json, path)
        return bool(found) and all(holds(x, json.loads(what)) for x in found)
    if word == "none":
        found = at(answer.json, path)
        return bool(found) and all(what not in x for x in found)
    if word == "event":
        return any(holds(e, json.loads(rest)) for e in answer.events[:-1])
    raise AssertionError("no such word: " + word)


def send(url, token, era, case):
    c = Client(url, token, era)
    if case.send:
        method, params = case.send[0], dict(case.send[1])
        meta = params.pop("_meta", None)
        message = c.message(method, params, meta=meta)
        body = json.dumps(message).encode()
    else:
        method, params, body = "ping", {}, case.body[0].encode()
    headers = c.headers(method, params)
    if era == "2024-11-05":
        headers["MCP-Protocol-Version"] = era
    for name, value in case.headers.items():
        headers.pop(name, None)
        if value:
            headers[name] = value
    return request(url, body=body, headers=headers)


def fits(era, case, answer):
    """The answer, and what came before it, against the schema."""
    if not answer.body or answer.headers.get("content-type", "").startswith("text/html"):
        return []
    stream = answer.headers["content-type"].startswith("text/event-stream")
    messages = answer.events if stream else [answer.json]
    method = case.send[0] if case.send else None
    complaints = []
    for m in messages[:-1]:
        complaints += schema_check.check_message(era, m, None)
    last = messages[-1]
    if method is None and not isinstance(last, list) and "result" in last:
        method = "ping"
    return complaints + schema_check.check_message(era, last, None if isinstance(last, list) else method)


def table(url, token):
    bad = []
    seen = collections.Counter()
    for case in read_cases():
        for eras, status, lines in case.expected:
            for era in eras:
                a = send(url, token, era, case)
                seen[era] += 1
                if a.status != status:
                    bad.append((case.name, era, "status %d" % status, a))
                    continue
                bad += [(case.name, era, word, rest, a) for word, rest in lines if not expect(a, word, rest)]
                if a.status not in (403, 404) or a.body.startswith(b"{"):
                    bad += [(case.name, era, c, a) for c in fits(era, case, a)]
    assert not bad, "\n".join(map(str, bad))
    assert all(seen[e] > 40 for e in ("2024-11-05", "2025-03-26")), seen


def test_features_and_revisions(build):
    site = fixture(build)
    try:
        for kind in (servers.Lighttpd, servers.ApacheHtaccess):
            with kind(site) as server:
                table(server.url, site.key("table-" + kind.name, "--scope", "read,write"))
    finally:
        site.close()


def test_a_session_remembers_the_revision(build):
    """A client of 2024-11-05 sends no header with its revision; its session id
    tells it."""
    site = fixture(build)
    try:
        with servers.Lighttpd(site) as server:
            c = Client(server.url, site.key("session", "--scope", "read,write"), "2024-11-05")
            for era, kind in (("2024-11-05", "resource"), ("2025-03-26", "audio")):
                a = c.call("initialize", {"protocolVersion": era, "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}})
                session = a.headers["mcp-session-id"]
                assert session.isascii() and session.isprintable() and " " not in session, session
                got = c.tool("test_audio_content", extra={"Mcp-Session-Id": session})
                assert got.result["content"][0]["type"] == kind, (era, got)
            for method in ("GET", "DELETE"):
                a = request(server.url, method, headers={"Accept": "text/event-stream", "Mcp-Session-Id": session, "Authorization": "Bearer " + c.token})
                assert a.status == 405 and a.headers["allow"] == "POST", a
            assert c.call("ping", extra={"Mcp-Session-Id": session[:-2] + "AA"}).status == 404
    finally:
        site.close()


def test_every_feature_has_a_case():
    names = {c.name for c in read_cases()}
    assert len(names) == len(read_cases()) > 50, len(names)
    assert MODERN in ERAS
