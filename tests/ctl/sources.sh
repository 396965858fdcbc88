#!/bin/sh
# What check, doctor and import say of the settings of sources, and of files.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-.}/tests/ctl/lib.sh"
make_site

# site SETTINGS...: a configuration with these sources.
sources() {
	printf 'state = "state";\nbase_url = "https://mcp.example.org/mcp";\nsources = { %s };\n' "$*" >"$conf"
}

# Rules that hide nothing.
sources 'shop = { driver = "sqlite"; path = "shop.db"; deny = [ "order*", "orders.totl" ];
  mask = [ "orders.TOTAL", "orders.phon", "main.orders" ]; };'
want 0 doctor --config "$conf"
has "$out" 'deny "orders.totl" hides nothing'
has "$out" 'mask "orders.phon" hides nothing'
has "$out" 'mask "main.orders" hides nothing: no table or column that is there has that name; it begins with a schema'
hasnot "$out" '"order*"'
hasnot "$out" '"orders.TOTAL"'
has "$out" "3 to change"
sources 'shop = { driver = "sqlite"; path = "shop.db"; mask = [ "orders" ]; };'
want 3 check --config "$conf"
has "$err" 'mcp.conf:3: sources.shop.mask must hold "table.column"'

# Files that cannot be used.
sources 'f = { driver = "files"; path = "f.csv"; };'
want 1 doctor --config "$conf"
has "$out" "bad   source         f: the file is missing"
has "$out" "change: mend sources.f ($conf:3), or what it names"
printf 'a,b\n1,2\n1\n' >"$site/f.csv"
want 1 doctor --config "$conf"
has "$out" "bad   source         f: f.csv:3: it has 1 value, the file 2 columns"
hasnot "$out" "f opens"
is "a look leaves nothing" "$(ls "$site/state/files" 2>/dev/null)" ""
printf 'a,b\n1,2\n' >"$site/f.csv"
want 0 doctor --config "$conf"
has "$out" "f opens (files, read only); the next call reads it in"
sources 'f = { driver = "files"; path = "f.csv"; }; }; limits = { import = 1024;'
seq 2000 | sed 's/$/,1/' >>"$site/f.csv"
want 1 doctor --config "$conf"
has "$out" "too large to be read in during a request"
has "$out" 'change: mcpctl import f'
want 0 import f --config "$conf"
want 0 doctor --config "$conf"
has "$out" "f opens (files, read only)"
hasnot "$out" "the next call"

# Rows that were left out stay told.
printf 'a,b\n1,2\n1\n3,4\nx\n' >"$site/f.csv"
sources 'f = { driver = "files"; path = "f.csv"; on_error = "skip"; types = [ "f.a:integer", "c:text" ];
  deny = [ "f.b", "g" ]; };'
want 0 import --json --config "$conf"
json 'x[0]["changed"], x[0]["rows"], x[0]["wrong"]' '[true, 2, 2]'
has "$err" 'f: types "c:text" is for no column that is there'
has "$err" 'f: deny "g" hides nothing'
want 0 import --json --config "$conf"
json 'x[0]["changed"], x[0]["rows"], x[0]["wrong"]' '[false, 2, 2]'
has "$err" "f.csv:3: "
want 0 import --config "$conf"
has "$out" "nothing has changed, 2 left out"
want 0 doctor --config "$conf"
has "$out" "f: 2 rows are left out of it"
has "$out" 'types "c:text"'
has "$out" 'deny "g"'
hasnot "$out" '"f.a:integer"'
hasnot "$out" 'deny "f.b"'
finish
