#!/bin/sh
# Tables and manual pages name the same things: settings, commands, tools.
# A list item of a page names one: ".It Va NAME" a setting, ".It Ic WORDS" a
# command or a tool.
set -u
tmp=$LINT_BUILD/pages
mkdir -p "$tmp"
bad=0

# In the table and not in the page, and the other way round.
compare() {
	if [ ! -e "$1" ]; then
		echo "$1 is missing" >&2
		bad=1
		return
	fi
	sort -u "$tmp/table" >"$tmp/a"
	sort -u "$tmp/page" >"$tmp/b"
	comm -23 "$tmp/a" "$tmp/b" | sed "s|.*|$1: no paragraph for '&'|" >"$tmp/out"
	comm -13 "$tmp/a" "$tmp/b" | sed "s|.*|$1: '&' is in no table|" >>"$tmp/out"
	[ -s "$tmp/a" ] || echo "$1: the table cannot be read" >>"$tmp/out"
	[ -s "$tmp/out" ] || return
	cat "$tmp/out" >&2
	bad=1
}

# The names of the items that begin with this macro, up to the next macro.
items() {
	[ -e "$2" ] || return
	sed -n "s/^\\.It $1 //p" "$2" |
	    sed 's/ [A-Z][a-z]\( .*\)*$//; s/ Ns.*//; s/ *[[<].*//'
}

# const struct setting conf_..._rows[] = { { "name", ...
sed -n '/^const struct setting conf_[a-z]*_rows\[\]/,/^};/s/^	{ "\([^"]*\)".*/\1/p' \
    src/conf/settings*.c >"$tmp/table"
items Va man/mcp.conf.5 >"$tmp/page"
compare man/mcp.conf.5

# { "key create <name>", ...: the words before the first placeholder.
if [ -e src/ctl/words.c ]; then
	sed -n '/^const struct ctl_command/,/^};/s/^	{ "\([^"]*\)".*/\1/p' \
	    src/ctl/words.c | sed 's/ *[[<].*//' >"$tmp/table"
	items Ic man/mcpctl.8 >"$tmp/page"
	compare man/mcpctl.8
fi

# What tool_defs offers; a WORD is only known by name.
if [ -e src/tool/catalogue.c ]; then
	sed -n '/^const struct tool_def/,/^};/{
		s/^	{ READ("\([^"]*\)".*/\1/p
		s/^	{ WRITE("\([^"]*\)".*/\1/p
		s/^	{ \.name = "\([^"]*\)".*/\1/p
	}' src/tool/catalogue.c >"$tmp/table"
	items Ic man/mcp-tools.7 >"$tmp/page"
	compare man/mcp-tools.7
fi
exit $bad
