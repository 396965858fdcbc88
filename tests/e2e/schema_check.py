#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Check messages of the server against the schema file of their revision.

    tests/e2e/schema_check.py                           test itself
    tests/e2e/schema_check.py REVISION METHOD [FILE]    check one answer

For other tests: check_message(), check_result() and check_value() return a
list of complaints, empty when all is well.  A keyword this validator does not
know is an error of its own, so that nothing passes unread.
"""
import copy
import json
import os
import re
import sys

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "schema")
REVISIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28")
MODERN = "2026-07-28"

# Which definition the result of a method must fit, from and up to a revision.
RESULTS = {
    "initialize": ("InitializeResult", REVISIONS[0], REVISIONS[3]),
    "ping": ("EmptyResult", REVISIONS[0], REVISIONS[3]),
    "logging/setLevel": ("EmptyResult", REVISIONS[0], REVISIONS[3]),
    "resources/subscribe": ("EmptyResult", REVISIONS[0], REVISIONS[3]),
    "resources/unsubscribe": ("EmptyResult", REVISIONS[0], REVISIONS[3]),
    "server/discover": ("DiscoverResult", MODERN, MODERN),
    "subscriptions/listen": ("SubscriptionsListenResult", MODERN, MODERN),
    "tools/list": ("ListToolsResult", REVISIONS[0], MODERN),
    "tools/call": ("CallToolResult", REVISIONS[0], MODERN),
    "resources/list": ("ListResourcesResult", REVISIONS[0], MODERN),
    "resources/templates/list": ("ListResourceTemplatesResult", REVISIONS[0], MODERN),
    "resources/read": ("ReadResourceResult", REVISIONS[0], MODERN),
    "prompts/list": ("ListPromptsResult", REVISIONS[0], MODERN),
    "prompts/get": ("GetPromptResult", REVISIONS[0], MODERN),
    "completion/complete": ("CompleteResult", REVISIONS[0], MODERN),
}

# Notifications and requests that a server may send.
SENT = {
    "notifications/progress": "ProgressNotification",
    "notifications/message": "LoggingMessageNotification",
    "notifications/cancelled": "CancelledNotification",
    "notifications/tools/list_changed": "ToolListChangedNotification",
    "notifications/prompts/list_changed": "PromptListChangedNotification",
    "notifications/resources/list_changed": "ResourceListChangedNotification",
    "notifications/resources/updated": "ResourceUpdatedNotification",
    "notifications/subscriptions/acknowledged": "SubscriptionsAcknowledgedNotification",
    "elicitation/create": "ElicitRequest",
    "sampling/createMessage": "CreateMessageRequest",
    "roots/list": "ListRootsRequest",
}

# Errors that have a definition of their own.
ERRORS = {-32020: "HeaderMismatchError", -32021: "MissingRequiredClientCapabilityError",
          -32022: "UnsupportedProtocolVersionError"}

# Members that no result of an older revision may carry (mcp.md 18.1).
MODERN_ONLY = ("resultType", "ttlMs", "cacheScope")
CACHED = ("server/discover", "tools/list", "prompts/list", "resources/list",
          "resources/templates/list", "resources/read")

TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "integer": lambda v: not isinstance(v, bool) and (
        isinstance(v, int) or (isinstance(v, float) and v.is_integer())),
}

# Words that say nothing about what is valid.
SILENT = {"$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default",
          "examples", "format", "deprecated", "readOnly", "writeOnly", "x-mcp-header"}


def same(a, b):
    """Equal as JSON: 1 is not true, 1.0 is 1."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return a == b


class Validator:
    """One schema document; every check returns a list of complaints."""

    def __init__(self, root):
        self.root = root

    def at(self, pointer):
        if not pointer.startswith("#"):
            raise ValueError("a reference to elsewhere: " + pointer)
        node = self.root
        for part in [p for p in pointer[1:].split("/") if p]:
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

    def check(self, value, schema, where="$"):
        if schema is True:
            return []
        if schema is False:
            return [where + ": nothing is allowed here"]
        bad = []
        for word, arg in schema.items():
            if word in SILENT:
                continue
            rule = getattr(self, "on_" + word.lstrip("$"), None)
            if rule is None:
                raise ValueError("unknown keyword '%s' at %s" % (word, where))
            bad += rule(value, arg, schema, where)
        return bad

    def on_ref(self, v, arg, _schema, where):
        return self.check(v, self.at(arg), where)

    def on_type(self, v, arg, _schema, where):
        kinds = arg if isinstance(arg, list) else [arg]
        if any(TYPES[k](v) for k in kinds):
            return []
        return ["%s: must be %s" % (where, " or ".join(kinds))]

    def on_enum(self, v, arg, _schema, where):
        return [] if any(same(v, a) for a in arg) else ["%s: must be one of %s" % (where, arg)]

    def on_const(self, v, arg, _schema, where):
        return [] if same(v, arg) else ["%s: must be %s" % (where, json.dumps(arg))]

    def on_required(self, v, arg, _schema, where):
        if not isinstance(v, dict):
            return []
        return ["%s: '%s' is missing" % (where, n) for n in arg if n not in v]

    def on_properties(self, v, arg, _schema, where):
        if not isinstance(v, dict):
            return []
        return [c for n, s in arg.items() if n in v for c in self.check(v[n], s, where + "." + n)]

    def on_additionalProperties(self, v, arg, schema, where):
        if not isinstance(v, dict):
            return []
        known = schema.get("properties", {})
        return [c for n in v if n not in known for c in self.check(v[n], arg, where + "." + n)]

    def on_items(self, v, arg, _schema, where):
        if not isinstance(v, list):
            return []
        return [c for i, x in enumerate(v) for c in self.check(x, arg, "%s[%d]" % (where, i))]

    def on_anyOf(self, v, arg, _schema, where):
        tries = [self.check(v, s, where) for s in arg]
        if any(not t for t in tries):
            return []
        return ["%s: fits none of %d forms; nearest: %s" % (where, len(arg), min(tries, key=len)[0])]

    def on_oneOf(self, v, arg, _schema, where):
        fits = sum(not self.check(v, s, where) for s in arg)
        return [] if fits == 1 else ["%s: fits %d of %d forms, not one" % (where, fits, len(arg))]

    def on_allOf(self, v, arg, _schema, where):
        return [c for s in arg for c in self.check(v, s, where)]

    def on_not(self, v, arg, _schema, where):
        return [] if self.check(v, arg, where) else [where + ": must not fit"]

    @staticmethod
    def ordered(v, ok, where, what):
        return [] if not TYPES["number"](v) or ok(v) else ["%s: must be %s" % (where, what)]

    def on_minimum(self, v, arg, _schema, where):
        return self.ordered(v, lambda n: n >= arg, where, "at least %s" % arg)

    def on_maximum(self, v, arg, _schema, where):
        return self.ordered(v, lambda n: n <= arg, where, "at most %s" % arg)

    def on_minItems(self, v, arg, _schema, where):
        return [] if not isinstance(v, list) or len(v) >= arg else [where + ": too few items"]

    def on_maxItems(self, v, arg, _schema, where):
        return [] if not isinstance(v, list) or len(v) <= arg else [where + ": too many items"]

    def on_minLength(self, v, arg, _schema, where):
        return [] if not isinstance(v, str) or len(v) >= arg else [where + ": too short"]

    def on_maxLength(self, v, arg, _schema, where):
        return [] if not isinstance(v, str) or len(v) <= arg else [where + ": too long"]

    def on_pattern(self, v, arg, _schema, where):
        return [] if not isinstance(v, str) or re.search(arg, v) else [where + ": wrong form"]


_loaded = {}


def schema_of(revision):
    if revision not in _loaded:
        with open(os.path.join(FOLDER, revision + ".json"), encoding="utf-8") as f:
            _loaded[revision] = Validator(json.load(f))
    return _loaded[revision]


def definitions(revision):
    root = schema_of(revision).root
    return root.get("$defs") or root["definitions"]


def by_name(revision, name, value, where):
    return schema_of(revision).check(value, definitions(revision)[name], where)


def check_value(value, schema):
    """Any value against any schema: structuredContent and its outputSchema."""
    return Validator(schema).check(value, schema)


def check_result(revision, method, result):
    """The result of a method, by the definition of its revision."""
    name, first, last = RESULTS.get(method, (None, "", ""))
    if name is None or not first <= revision <= last:
        return ["%s: no result of '%s' in this revision" % (revision, method)]
    if revision == MODERN and isinstance(result, dict) and result.get("resultType") == "input_required":
        name = "InputRequiredResult"
    bad = by_name(revision, name, result, method)
    if isinstance(result, dict) and revision != MODERN:
        bad += ["%s: '%s' is not of this revision" % (method, m) for m in MODERN_ONLY if m in result]
        if name == "EmptyResult" and result:
            bad.append(method + ": must be exactly {}")
    if isinstance(result, dict) and revision == MODERN and method not in CACHED:
        bad += ["%s: '%s' has no place here" % (method, m) for m in ("ttlMs", "cacheScope") if m in result]
    return bad


def check_error(revision, message):
    """An error answer.  Here an id that could not be read is left out, which
    only the newer schemas allow."""
    newer = "JSONRPCErrorResponse" in definitions(revision)
    message = dict(message)
    if not newer and "id" not in message:
        message["id"] = 0
    bad = by_name(revision, "JSONRPCErrorResponse" if newer else "JSONRPCError", message, "error")
    code = message["error"].get("code") if isinstance(message["error"], dict) else None
    if revision == MODERN and code in ERRORS:
        bad += by_name(revision, ERRORS[code], message, "error")
    if revision != MODERN and code in (-32020, -32021):
        bad.append("error: code %d is not of this revision" % code)
    if revision == MODERN and code in (-32002, -32042):
        bad.append("error: code %d is no longer sent" % code)
    return bad


def check_message(revision, message, method=None):
    """A message of the server: an answer to "method", or what it sent itself."""
    if isinstance(message, list):
        if revision != "2025-03-26":
            return ["an array is no message of this revision"]
        return [] if message else ["an empty array is no answer"]
    if not isinstance(message, dict):
        return ["a message must be an object"]
    if "method" in message:
        name = SENT.get(message["method"])
        if name is None or name not in definitions(revision):
            return ["'%s' is not sent in this revision" % message["method"]]
        return by_name(revision, name, message, name) + by_name(revision, "JSONRPCMessage", message, "message")
    if ("result" in message) == ("error" in message):
        return ["an answer has a result or an error"]
    if "id" in message and not isinstance(message["id"], (str, int)):
        return ["id: must be string or integer"]
    if "error" in message:
        return check_error(revision, message)
    bad = by_name(revision, "JSONRPCMessage", message, "message")
    return bad + check_result(revision, method, message["result"])


# --- The test of this file -------------------------------------------------

META = {"io.modelcontextprotocol/serverInfo": {"name": "n", "version": "1"}}
TOOL = {"name": "t", "description": "d", "inputSchema": {"type": "object"}}
TEXT = {"type": "text", "text": "x"}


def good(revision):
    """Answers that must pass, by method."""
    out = {
        "tools/list": {"tools": [TOOL], "nextCursor": "c"},
        "tools/call": {"content": [TEXT], "isError": True},
        "resources/list": {"resources": [{"uri": "db://a", "name": "a"}]},
        "resources/read": {"contents": [{"uri": "db://a", "text": "x"}]},
        "prompts/list": {"prompts": [{"name": "p"}]},
        "prompts/get": {"messages": [{"role": "user", "content": TEXT}]},
        "completion/complete": {"completion": {"values": ["a"]}},
    }
    if revision != MODERN:
        out["ping"] = {}
        out["initialize"] = {"protocolVersion": revision, "capabilities": {"tools": {}},
                             "serverInfo": {"name": "n", "version": "1"}}
        return out
    out["server/discover"] = {"supportedVersions": [MODERN], "capabilities": {}}
    for method, result in out.items():
        result["resultType"] = "complete"
        result["_meta"] = META
        if method in CACHED:
            result.update(ttlMs=0, cacheScope="private")
    return out


def spoiled(value, schema, v, path=()):
    """Every way to leave out a required member or to give one a wrong type."""
    while "$ref" in schema:
        schema = v.at(schema["$ref"])
    for part in schema.get("allOf", []):
        yield from spoiled(value, part, v, path)
    if isinstance(value, dict):
        for name in schema.get("required", []):
            if name in value:
                yield path, name, None
        for name, sub in schema.get("properties", {}).items():
            if name in value:
                yield path, name, [17.5]
                yield from spoiled(value[name], sub, v, path + (name,))
    if isinstance(value, list) and value and "items" in schema:
        yield from spoiled(value[0], schema["items"], v, path + (0,))


def spoil(value, path, name, wrong):
    value = copy.deepcopy(value)
    node = value
    for step in path:
        node = node[step]
    if wrong is None:
        del node[name]
    else:
        node[name] = wrong
    return value


KEYWORDS = [
    # schema, fits, does not
    ({"type": "integer"}, 1, 1.5), ({"type": "integer"}, 2.0, True), ({"type": "number"}, 1.5, "1"),
    ({"type": ["string", "null"]}, None, 0), ({"type": "boolean"}, False, 0), ({"type": "object"}, {}, []),
    ({"enum": ["a", 1]}, 1, True), ({"const": 1}, 1.0, True), ({"const": {"a": [1]}}, {"a": [1]}, {"a": [2]}),
    ({"required": ["a"]}, {"a": None}, {}), ({"properties": {"a": {"type": "string"}}}, {}, {"a": 1}),
    ({"properties": {"a": {}}, "additionalProperties": False}, {"a": 1}, {"b": 1}),
    ({"additionalProperties": {"type": "string"}}, {"x": "y"}, {"x": 1}),
    ({"items": {"type": "string"}}, ["a"], ["a", 1]), ({"anyOf": [{"type": "null"}, {"const": 1}]}, 1, 2),
    ({"oneOf": [{"minimum": 1}, {"maximum": 5}]}, 7, 3), ({"allOf": [{"minimum": 1}, {"maximum": 5}]}, 3, 7),
    ({"not": {"const": 1}}, 2, 1), ({"minItems": 1, "maxItems": 2}, [1], []), ({"maxItems": 1}, [1], [1, 2]),
    ({"minLength": 1}, "a", ""), ({"maxLength": 1}, "a", "ab"), ({"pattern": "^a"}, "ab", "ba"),
    ({"$defs": {"t": {"const": 1}}, "$ref": "#/$defs/t"}, 1, 2), (True, 1, None), ({"minimum": 0}, 0, -1),
]

# revision, method, message: each must be refused.
WRONG = [
    ("2025-06-18", "ping", {"jsonrpc": "2.0", "id": 1, "result": {"resultType": "complete"}}),
    ("2025-06-18", "ping", {"jsonrpc": "2.0", "id": None, "result": {}}),
    ("2025-06-18", "ping", {"jsonrpc": "1.0", "id": 1, "result": {}}),
    ("2025-06-18", "ping", {"jsonrpc": "2.0", "id": 1.5, "result": {}}),
    ("2025-06-18", "ping", {"jsonrpc": "2.0", "result": {}}),
    ("2025-06-18", "ping", {"jsonrpc": "2.0", "id": 1, "result": {}, "error": {"code": 1, "message": "x"}}),
    ("2025-06-18", "ping", {"jsonrpc": "2.0", "id": 1}),
    ("2025-06-18", "ping", [{"jsonrpc": "2.0", "id": 1, "result": {}}]),
    ("2025-03-26", "ping", []),
    ("2025-06-18", "ping", 7),
    ("2025-06-18", "tools/list", {"jsonrpc": "2.0", "id": 1, "result": {"tools": [], "ttlMs": 1}}),
    ("2025-06-18", "tools/call", {"jsonrpc": "2.0", "id": 1, "result": {"content": [], "structuredContent": [1]}}),
    ("2025-06-18", "tools/call", {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "x"}]}}),
    ("2025-06-18", "tools/lisst", {"jsonrpc": "2.0", "id": 1, "result": {}}),
    (MODERN, "ping", {"jsonrpc": "2.0", "id": 1, "result": {"resultType": "complete"}}),
    (MODERN, "initialize", {"jsonrpc": "2.0", "id": 1, "result": {"resultType": "complete"}}),
    ("2025-11-25", "server/discover", {"jsonrpc": "2.0", "id": 1, "result": {}}),
    (MODERN, "tools/call", {"jsonrpc": "2.0", "id": 1, "result": {"content": [], "resultType": "complete", "ttlMs": 1}}),
    (MODERN, "tools/list", {"jsonrpc": "2.0", "id": 1, "result": {
        "tools": [], "resultType": "complete", "ttlMs": -1, "cacheScope": "private"}}),
    (MODERN, "tools/list", {"jsonrpc": "2.0", "id": 1, "result": {
        "tools": [], "resultType": "complete", "ttlMs": 1, "cacheScope": "mine"}}),
    (MODERN, None, {"jsonrpc": "2.0", "id": 1, "error": {"code": -32022, "message": "x"}}),
    (MODERN, None, {"jsonrpc": "2.0", "id": 1, "error": {"code": -32022, "message": "x", "data": {
        "supported": "2026-07-28", "requested": "x"}}}),
    (MODERN, None, {"jsonrpc": "2.0", "id": 1, "error": {"code": -32021, "message": "x", "data": {}}}),
    (MODERN, None, {"jsonrpc": "2.0", "id": 1, "error": {"code": -32002, "message": "x"}}),
    ("2025-11-25", None, {"jsonrpc": "2.0", "id": 1, "error": {"code": -32020, "message": "x"}}),
    ("2025-11-25", None, {"jsonrpc": "2.0", "id": 1, "error": {"code": "x", "message": "x"}}),
    ("2025-11-25", None, {"jsonrpc": "2.0", "id": 1, "error": {"code": 1.5, "message": "x"}}),
    ("2025-11-25", None, {"jsonrpc": "2.0", "id": 1, "error": {"code": 1}}),
    ("2025-11-25", None, {"jsonrpc": "2.0", "id": 1, "error": "x"}),
    (MODERN, None, {"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progress": 1}}),
    (MODERN, None, {"jsonrpc": "2.0", "method": "notifications/progress", "params": {
        "progressToken": 1.5, "progress": 1}}),
    (MODERN, None, {"jsonrpc": "2.0", "method": "notifications/nothing"}),
    ("2024-11-05", None, {"jsonrpc": "2.0", "method": "elicitation/create", "id": 1, "params": {}}),
]


def self_test():
    bad, count = [], 0
    for schema, fits, other in KEYWORDS:
        count += 2
        if check_value(fits, schema):
            bad.append("%s refuses %s" % (schema, fits))
        if schema is not True and not check_value(other, schema):
            bad.append("%s takes %s" % (schema, other))
    for revision in REVISIONS:
        v = schema_of(revision)
        for method, result in good(revision).items():
            message = {"jsonrpc": "2.0", "id": "a", "result": result}
            bad += ["%s %s: a good answer is refused: %s" % (revision, method, c)
                    for c in check_message(revision, message, method)]
            schema = definitions(revision)[RESULTS[method][0]]
            for path, name, wrong in spoiled(result, schema, v):
                count += 1
                if not check_result(revision, method, spoil(result, path, name, wrong)):
                    bad.append("%s %s: passes with %s.%s %s" % (
                        revision, method, path, name, "gone" if wrong is None else "wrong"))
    for revision, method, message in WRONG:
        count += 1
        if not check_message(revision, message, method):
            bad.append("%s %s: passes: %s" % (revision, method, json.dumps(message)))
    try:
        check_value(1, {"unheardOf": 1})
        bad.append("an unknown keyword is taken")
    except ValueError:
        count += 1
    for b in bad:
        print("FAIL: " + b)
    print("%d checks, %d failures" % (count, len(bad)))
    return 1 if bad or count < 300 else 0


def main(argv):
    if len(argv) == 1:
        return self_test()
    if len(argv) not in (3, 4) or argv[1] not in REVISIONS:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    with open(argv[3], encoding="utf-8") if len(argv) == 4 else sys.stdin as f:
        complaints = check_message(argv[1], json.load(f), argv[2])
    for c in complaints:
        print(c)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
