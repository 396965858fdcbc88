# shellcheck shell=sh
# What the black-box tests of mcpctl share.  Each is a script that sources this
# and ends with "finish"; it works in a private folder that goes with it.
set -u
program=$(cd "${builddir:-.}" && pwd)/mcpctl
export source_dir
source_dir=$(cd "${srcdir:-.}" && pwd)
work=$(mktemp -d)
site=$work/site
conf=$site/mcp.conf
out=$work/out
err=$work/err
passed=0
failed=0
unset MCP_CONFIG MCP_KEY

cleanup() {
	# leak checkers and servers are ended by each test; the folder goes here
	rm -rf "$work"
}
trap cleanup EXIT

ok() {
	passed=$((passed + 1))
}

bad() {
	failed=$((failed + 1))
	printf 'FAILED: %s\n' "$*"
	sed 's/^/  out: /' "$out" 2>/dev/null | head -n 20
	sed 's/^/  err: /' "$err" 2>/dev/null | head -n 20
}

# want STATUS WORD...: run mcpctl, compare how it ends.
want() {
	status=$1
	shift
	"$program" "$@" >"$out" 2>"$err" </dev/null
	got=$?
	if [ "$got" = "$status" ]; then
		ok
	else
		bad "mcpctl $*: ended with $got, not $status"
	fi
}

# has FILE TEXT: the text stands in the file, to the byte.
has() {
	if grep -qF -e "$2" "$1"; then
		ok
	else
		bad "'$2' is not in $(basename "$1")"
	fi
}

hasnot() {
	if grep -qF -e "$2" "$1"; then
		bad "'$2' is in $(basename "$1")"
	else
		ok
	fi
}

# is WHAT GOT WANTED
is() {
	if [ "$2" = "$3" ]; then
		ok
	else
		bad "$1: '$2', not '$3'"
	fi
}

# run COMMAND...: any command that must succeed.
run() {
	if "$@" >"$out" 2>"$err"; then
		ok
	else
		bad "$*"
	fi
}

# json EXPRESSION WANTED: evaluate with the parsed standard output as "x".
json() {
	value=$(python3 -c '
import json, sys
x = json.load(open(sys.argv[1]))
v = eval(sys.argv[2])
print(v if isinstance(v, str) else json.dumps(v))' "$out" "$1" 2>&1)
	is "$1" "$value" "$2"
}

# A site with one SQLite source of three rows.
make_site() {
	"$program" init --dir "$site" >"$out" 2>"$err" || bad "init"
	sqlite3 "$site/shop.db" "CREATE TABLE orders(id INTEGER PRIMARY KEY, total TEXT);
		INSERT INTO orders VALUES (1,'10.00'),(2,'20.50'),(3,'0.01');"
	cat >"$conf" <<-CONF
		state = "state";
		base_url = "https://mcp.example.org/mcp";
		sources = {
		    shop = { driver = "sqlite"; path = "shop.db"; about = "A shop"; };
		};
		environments = { production = { sources = [ "shop" ]; }; };
	CONF
}

finish() {
	printf '[==========] %d test(s) run.\n' $((passed + failed))
	printf '[  PASSED  ] %d test(s).\n' "$passed"
	[ "$failed" = 0 ] || printf '[  FAILED  ] %d test(s).\n' "$failed"
	[ "$failed" = 0 ]
	exit
}
