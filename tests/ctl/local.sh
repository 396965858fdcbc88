#!/bin/sh
# call, tools, stdio and log: the protocol without a web server.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-.}/tests/ctl/lib.sh"
make_site
select='{"query":"SELECT count(*) AS n FROM orders","defaultCatalog":"shop"}'

want 0 call execute_select "$select" --config "$conf"
has "$out" '[[3]]'
want 0 call execute_select "$select" --config "$conf" --json
json 'x["structuredContent"]["results"][0]["rows"]' '[[3]]'
want 0 call get_catalogs --config "$conf"
has "$out" "shop"
want 1 call execute_select '{"query":"SELECT colour FROM orders"}' --config "$conf"
has "$out" "COLUMN_NOT_FOUND"
want 1 call no_such_tool --config "$conf"
has "$err" "no_such_tool"
want 1 call no_such_tool --config "$conf" --json
json 'x["ok"], x["error"]["code"] < 0, "no_such_tool" in x["error"]["message"]' '[false, true, true]'
want 2 call execute_select '{"query":' --config "$conf"
want 2 call execute_select '[1]' --config "$conf"
printf '%s' "$select" >"$work/arguments"
"$program" call execute_select - --config "$conf" <"$work/arguments" >"$out" 2>"$err"
has "$out" '[[3]]'

# Rights: the scopes of a local caller, or a key's own.
want 1 call execute_update '{"query":"UPDATE orders SET total = 0"}' --config "$conf"
want 0 key create reader --config "$conf"
want 0 call execute_select "$select" --key reader --config "$conf"
want 2 call execute_select "$select" --key reader --scope read --config "$conf"
want 2 tools --scope admin --config "$conf"
want 0 key revoke reader --config "$conf"
want 1 call execute_select "$select" --key reader --config "$conf"
has "$err" "revoked"
want 1 tools --key nobody --config "$conf"

want 0 tools --config "$conf"
has "$out" "execute_select"
want 0 tools --config "$conf" --json
json '"execute_select" in [t["name"] for t in x]' true
want 0 tools --cost --config "$conf"
has "$out" "the whole list"
want 0 tools --cost --config "$conf" --json
json 'x["bytes"] == 1 + sum(t["bytes"] + 1 for t in x["tools"])' true
json 'x["bytes"] <= 10000' true
want 0 tools --cost --config "$conf" --json --tools sql --ops execute_select
json '[t["name"] for t in x["tools"]]' '["execute_select"]'
json 'x["bytes"] <= 1500' true
want 2 tools --ops bogus --config "$conf"

want 0 resources --config "$conf"
has "$out" "schema://shop/main/orders"
want 0 resources --config "$conf" --json
json '[r["type"] for r in x if r["uri"] == "schema://shop"]' '["text/markdown"]'
json '"schema://{source}" in [r["uri"] for r in x]' true
want 0 resources --config "$conf" --json --ops execute_select
json 'x' '[]'
want 1 resources --key nobody --config "$conf"
want 0 prompts --config "$conf"
has "$out" "create-greeting"
want 0 prompts --config "$conf" --json
json 'x[0]["arguments"]' '["name", "style"]'

# A line in, a line out; nothing for a notification, an error for no JSON.
cat >"$work/in" <<'IN'
{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}

{"jsonrpc":"2.0","id":2,"method":"ping"}
{"jsonrpc":
IN
printf '{"jsonrpc":"2.0","id":3,"method":"ping"}' >>"$work/in"
"$program" stdio --config "$conf" <"$work/in" >"$out" 2>"$err"
is "end of stdio" $? 0
is "answers" "$(wc -l <"$out")" 4
is "ids" "$(python3 -c '
import json, sys
print([json.loads(l).get("id") for l in open(sys.argv[1])])' "$out")" "[1, 2, None, 3]"

# A line over the limit is refused, and the next one answered.
python3 -c 'print("{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"ping\"" + " " * 3000000 + "}"); print("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"ping\"}")' >"$work/in"
"$program" stdio --config "$conf" <"$work/in" >"$out" 2>"$err"
is "ids" "$(python3 -c '
import json, sys
print([json.loads(l).get("id") for l in open(sys.argv[1])])' "$out")" "[None, 9]"

# The audit knows of all that.
want 0 log --config "$conf"
has "$out" "execute_select"
hasnot "$out" "begin"
want 0 log --config "$conf" --all
has "$out" "begin"
want 0 log --config "$conf" --lines 1 --json
json 'len(x)' 1
want 0 log --config "$conf" --tool get_catalogs --json
json 'len(x), x[0]["tool"]' '[1, "get_catalogs"]'
want 0 log --config "$conf" --failed --json
json 'all("code" in l for l in x), len(x) > 0' '[true, true]'
want 0 log --config "$conf" --key reader --json
json 'len(x)' 1
want 0 log --config "$conf" --key nobody --json
json 'x' '[]'
want 0 log --config "$conf" --key nobody
has "$err" "no key is called 'nobody'"
want 0 log --config "$conf" --key reader --tool nothing
has "$err" "nothing of that is here"
want 0 usage --config "$conf" --key nobody
has "$err" "no key is called 'nobody'"
for words in "tools --ops bogus" "tools --tools bogus" "call get_catalogs --ops bogus" "tools --scope write"; do
	# shellcheck disable=SC2086
	want 2 $words --config "$conf"
done

# A key itself where its name is wanted is told to nobody.
want 0 key create shown --config "$conf" --json
token=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["token"])' "$out")
ending=${token#mcpk_?????????????}
for given in "$token" "${token%?}" "Bearer $token" "$ending" "x$token"; do
	for words in "call get_catalogs" "tools" "log" "usage" "tools --json"; do
		# shellcheck disable=SC2086
		"$program" $words --key "$given" --config "$conf" >"$out" 2>"$err" </dev/null
		hasnot "$out" "${ending%??}"
		hasnot "$err" "${ending%??}"
	done
	want 1 key show "$given" --config "$conf"
	hasnot "$err" "${ending%??}"
done
want 1 tools --key "$token" --config "$conf"
has "$err" "no key is called"
has "$err" "never the key itself"

# A torn line and a foreign one do not disturb.
printf '\n{"ts":\nhello\033[31m\n' >>"$site/state/audit.jsonl"
want 0 log --config "$conf" --json
json 'len(x) > 3' true

# --follow shows what comes, and takes a new file when the old is renamed.
"$program" log --follow --json --lines 1 --config "$conf" >"$work/follow" 2>"$err" &
follower=$!
for round in 1 2; do
	want 0 call get_catalogs --config "$conf"
	n=0
	while [ "$(grep -c get_catalogs "$work/follow")" -lt "$round" ] && [ $n -lt 500 ]; do
		n=$((n + 1))
		sleep 0.01
	done
	if [ $n -lt 500 ]; then
		ok
	else
		bad "--follow did not show round $round"
	fi
	mv "$site/state/audit.jsonl" "$site/state/audit.old$round"
done
kill "$follower"
wait "$follower" 2>/dev/null

# Nothing asked yet.
rm -f "$site/state/audit."*
want 0 log --config "$conf" --json
json 'x' '[]'
finish
