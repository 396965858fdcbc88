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

# What could never be opened, or never do what it says, is told at once, all of
# it and where it stands.
server='database = "d"; user = "u";'
sources "a = { driver = \"pgsql\"; $server host = \"one:70000,[::1]:0,,::1\";
  socket = \"/run\";
  tls_ca = \"no/ca.pem\";
  ddl = true;
  options = \"connect_timeout=3 sslmode = 'off' nosuch=1 hostaddr=1 application_name='a\\\\'b c'\"; };
b = { driver = \"mariadb\"; $server host = \"x:y\";
  types = [ \"a:text\" ]; };
c = { driver = \"files\"; path = \"f.csv\"; readonly = false;
  types = [ \"a:money\" ];
  delimiter = \"\\\"\"; };
d = { driver = \"pgsql\"; $server options = \"connect_timeout=soon target_session_attrs='mine' fast\"; };
e = { driver = \"pgsql\"; $server options = \"application_name='x\"; };
g = { driver = \"odbc\"; trusted_role = false; dsn = \"x\";
  deny = [ \"a\" ]; };
h = { driver = \"pgsql\"; $server port = 70000; };"
want 3 check --config "$conf"
has "$err" 'mcp.conf:17: sources.h.port must be between 1 and 65535, not 70000'
sed -i '/^h = /d; s/deny = \[ "a" \]; };/& };/' "$conf"
want 3 check --config "$conf"
for line in '3: sources.a.host has a port that is not between 1 and 65535: "one:70000"' \
    '3: sources.a.host has a port that is not between 1 and 65535: "[::1]:0"' \
    '3: sources.a.host names no host between its commas' \
    '4: sources.a.socket and host exclude each other' \
    '5: sources.a.tls_ca cannot be read: ' \
    '6: sources.a.ddl needs readonly = false beside it' \
    '7: sources.a.options cannot say "sslmode": the setting "tls" does' \
    '7: sources.a.options has the word "nosuch"' \
    '7: sources.a.options cannot say "hostaddr": the setting "host" does' \
    '8: sources.b.host has a port that is not' \
    '9: sources.b.types is no setting of the driver mariadb' \
    '10: sources.c.readonly must be true' \
    '11: sources.c.types must be like' \
    '12: sources.c.delimiter must be a character' \
    '13: sources.d.options cannot have "connect_timeout=soon": it is a whole number' \
    '13: sources.d.options cannot have "target_session_attrs=mine": it is one of any read-write' \
    '13: sources.d.options must be words of the library of PostgreSQL' \
    '14: sources.e.options has a quote without an end' \
    '15: sources.g.trusted_role must be true' \
    '16: sources.g.deny cannot be kept'; do
	has "$err" "mcp.conf:$line"
done
is "complaints" "$(wc -l <"$err")" 20
want 1 doctor --config "$conf"
has "$out" "bad   source         $conf:6: sources.a.ddl needs readonly = false beside it"
sources 'a = { driver = "sqlite"; path = "shop.db"; ddl = true; }; };
tools = { get_catalogs = { source = "a"; sql = "SELECT 1"; about = "x"; };'
want 3 check --config "$conf"
has "$err" "mcp.conf:3: sources.a.ddl needs"
has "$err" "mcp.conf:4: two tools are named 'get_catalogs'"
printf 'x' >"$site/ca.pem"
sources "a = { driver = \"pgsql\"; $server host = \"one:5432, [::1]:5433,::1,two\"; tls_ca = \"ca.pem\";
  readonly = false; ddl = true; options = \"connect_timeout=3 target_session_attrs = 'any'\"; };
b = { driver = \"mariadb\"; $server socket = \"/run/x\"; };
c = { driver = \"pgsql\"; $server options = \"postgresql://?connect_timeout=3\"; };"
want 0 check --config "$conf"

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
