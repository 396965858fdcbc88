#!/bin/sh
# init, check, config, backup, gc.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-.}/tests/ctl/lib.sh"

want 0 init --dir "$work/a/b/site"
has "$out" "$work/a/b/site/mcp.conf"
is "mode of the state" "$(stat -c %a "$work/a/b/site/state")" 700
is "mode of the pepper" "$(stat -c %a "$work/a/b/site/state/pepper")" 400
want 0 check --config "$work/a/b/site/mcp.conf"
has "$out" "0 sources"

# A second time nothing that is there is touched.
before=$(cksum "$work/a/b/site/state/pepper" "$work/a/b/site/mcp.conf")
echo "# mine" >>"$work/a/b/site/mcp.conf"
want 0 init --dir "$work/a/b/site" --json
json 'x["config_kept"]' true
has "$work/a/b/site/mcp.conf" "# mine"
sed -i '$d' "$work/a/b/site/mcp.conf"
is "again" "$(cksum "$work/a/b/site/state/pepper" "$work/a/b/site/mcp.conf")" "$before"

# A relative folder, an address, a place that cannot be.
cd "$work" || exit 1
want 0 init --dir rel --url https://example.org/db
has rel/mcp.conf 'base_url = "https://example.org/db"'
want 0 check --config rel/mcp.conf
for url in notaurl "" ftp://x/ "https://x/?a" 'https://x/"'; do
	want 2 init --dir "$work/wrong" --url "$url"
	has "$err" "--url must be http:// or https://"
done
run test ! -e "$work/wrong"
want 1 init --dir /proc/nothing/here
has "$err" "/proc/nothing"
want 1 init --dir /proc/nothing/here --json
json 'x["ok"]' false
want 1 init --dir "$work/owned" --owner no-such-user-here

make_site
want 0 check --config "$conf"
has "$out" "1 source"
want 0 check --config "$conf" --json
json 'x["ok"], x["sources"], x["complaints"]' '[true, ["shop"], []]'
sed 's/"sqlite"/"sqlight"/' "$conf" >"$site/other.conf"
want 3 check --config "$site/other.conf"
has "$err" "other.conf:4"
want 3 check --config "$site/other.conf" --json
json 'x["ok"], len(x["complaints"])' '[false, 1]'

# What the catalogue of tools finds: once, with its file and its line.
while read -r line words; do
	{ cat "$conf" && echo "tools = { get_tables = { about = \"x\"; source = \"shop\"; sql = \"SELECT 1\"; }; };" &&
	    echo 'toolkits = { k = { tools = [ "nope" ]; }; };'; } | sed "${line}!s/^tool.*//" >"$site/other.conf"
	want 3 check --config "$site/other.conf"
	is "lines" "$(wc -l <"$err")" 1
	is "place" "$(grep -c "^$site/other.conf:$line: $words" "$err")" 1
done <<'FAULTS'
7 two tools are named 'get_tables'
8 toolkit 'k': there is no tool 'nope'
FAULTS

# The example loads as it is printed; so do the settings in force.
want 0 config --example
cp "$out" "$site/example.conf"
want 0 config --effective --config "$conf"
has "$out" "shop"
cp "$out" "$site/effective.conf"
want 0 check --config "$site/effective.conf"
want 0 config --effective --config "$conf" --json
json '"shop" in x["text"]' true
want 0 config --list
has "$out" "base_url"
want 0 config --list --json
json '"sources.*.timeout" in [r["setting"] for r in x]' true

want 0 key create one --config "$conf"
token=$(cat "$out")
want 0 backup "$work/copy" --config "$conf"
is "keys copied" "$(sqlite3 "$work/copy/keys.db" 'PRAGMA integrity_check')" ok
is "no pepper in it" "$(find "$work/copy" -name 'pepper*')" ""
if grep -rqF "$token" "$work/copy" "$site/state"; then
	bad "the token is in a file"
else
	ok
fi
want 1 backup /proc/nothing --config "$conf"
want 0 backup "$work/copy2" --config "$conf" --json
json 'x["ok"]' true
want 0 gc --config "$conf"
want 0 gc --config "$conf" --json
json 'x["ok"]' true

# A state folder that is gone has its own sentence.
mv "$site/state" "$site/gone"
want 1 key list --config "$conf"
has "$err" "mcpctl: "
want 1 key list --config "$conf" --json
json 'x["ok"]' false
finish
