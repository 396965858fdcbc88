# SPDX-License-Identifier: ISC
"""A tool that asks a source: its one result, or its error as text, which tells
nothing of the source's own configuration."""

OWN = ("mcp_read", "mcp_write", "somebody", "127.0.0.1", "/tmp/", "localhost", " word", "psqlodbc")


def result(c, tool, **arguments):
    r = c.tool(tool, arguments).result
    assert not r.get("isError"), r
    return r["structuredContent"]["results"][0]


def error(c, tool, **arguments):
    r = c.tool(tool, arguments).result
    assert r.get("isError"), r
    text = r["content"][0]["text"]
    for own in OWN:
        assert own not in text, text
    return text
