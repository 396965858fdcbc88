#!/bin/sh
# serve and "doctor --url": a real lighttpd, ended without a trace.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-.}/tests/ctl/lib.sh"
make_site
TMPDIR=$work/tmp
export TMPDIR
mkdir "$TMPDIR"

want 0 key create client --config "$conf"
token=$(cat "$out")

# Every process below one, as the kernel knows them.
below() {
	tr ' ' '\n' <"/proc/$1/task/$1/children" | while read -r child; do
		echo "$child"
		below "$child"
	done
}

# start OPTION...: serve in the background, its address in $url.
start() {
	rm -f "$work/ready"
	mkfifo "$work/ready"
	"$program" serve --config "$conf" "$@" >"$work/ready" 2>"$err" &
	server=$!
	exec 3<"$work/ready"
	read -r word url <&3 || word=
	is "serve $*" "$word" ready
}

# stop SIGNAL: nothing more on its output, status 0, nothing left.
stop() {
	family=$(below "$server")
	run test -n "$family"
	kill "-$1" "$server"
	rest=$(cat <&3)
	exec 3<&-
	wait "$server"
	is "status after $1" $? 0
	is "one line only" "$rest" ""
	is "files left" "$(ls "$TMPDIR")" ""
	for member in $family; do
		run test ! -e "/proc/$member"
	done
}

post() {
	curl -s -u "me:$token" "$url" -d "$1"
}

for mode in "" --cgi; do
	# shellcheck disable=SC2086
	start $mode
	is "address" "$(printf '%s' "$url" | sed 's/:[0-9]*\/mcp$/:N\/mcp/')" "http://127.0.0.1:N/mcp"
	post '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"execute_select","arguments":{"query":"SELECT 40 + 2","defaultCatalog":"shop"}}}' >"$out"
	has "$out" '[[42]]'
	want 0 doctor --url "$url" --key "$token"
	has "$out" "0 broken"
	has "$out" "the header arrives"
	has "$out" "it is good for"
	has "$out" "2025-11-25"
	has "$out" "2026-07-28"
	has "$out" "7 of the 7 places are clean"
	hasnot "$out" "at the end"
	want 0 doctor --url "$url"
	has "$out" "none given"
	echo mcpk_canary >"$work/token"
	"$program" doctor --url "$url" --key - --json <"$work/token" >"$out" 2>"$err"
	json 'x["ok"]' false
	hasnot "$out" canary
	want 1 doctor --url "$url" --key wrong
	has "$out" "it is refused"
	want 1 doctor --url "${url}x"
	want 1 doctor --url "${url}x" --json
	json 'x["ok"]' false
	stop TERM
done
start --workers 3
# lighttpd, the process that holds the socket, and its workers.
is "workers" "$(below "$server" | wc -w)" 5
stop INT

# The port is taken, lighttpd dies, the site is broken: said, and exit 1 or 3.
start
port=$(printf '%s' "$url" | sed 's/.*:\([0-9]*\)\/mcp/\1/')
want 1 serve --config "$conf" --port "$port"
has "$err" "port $port"
has "$err" "another --port"
child=$(cat "/proc/$server/task/$server/children")
# shellcheck disable=SC2086
kill -KILL $child
wait "$server"
is "status without lighttpd" $? 1
is "left of its group" "$(pgrep -g "${child% }" | wc -l)" 0
exec 3<&-
is "files left" "$(ls "$TMPDIR")" ""
want 1 doctor --url "$url"
has "$out" "no answer"
mv "$site/state" "$site/gone"
want 1 serve --config "$conf"
want 1 serve --config "$conf" --json
json 'x["ok"]' false
is "files left" "$(ls "$TMPDIR")" ""
finish
