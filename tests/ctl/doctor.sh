#!/bin/sh
# doctor from inside: each fault is found and named.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-.}/tests/ctl/lib.sh"
make_site

want 0 doctor --config "$conf"
has "$out" "0 broken"
has "$out" "no key is in force"
has "$out" "shop opens"
want 0 key create one --config "$conf"
want 0 doctor --config "$conf" --json
json 'x["ok"]' true
json 'sorted({f["level"] for f in x["findings"]}) and [f for f in x["findings"] if f["check"] == "keys"][0]["level"]' good

chmod 755 "$site/state"
want 1 doctor --config "$conf"
has "$out" "chmod 0700 $site/state"
chmod 700 "$site/state"
chmod 640 "$site/state/pepper"
want 1 doctor --config "$conf"
has "$out" "chmod 0400 $site/state/pepper"
chmod 400 "$site/state/pepper"

# Whatever is to be changed is followed by how.
changes() {
	want 1 doctor --config "$conf" --json
	json '[f["text"] for f in x["findings"] if f["level"] in ("bad", "warn") and not f.get("change")]' '[]'
}
mv "$site/shop.db" "$site/shop.gone"
want 1 doctor --config "$conf"
has "$out" "bad   source"
has "$out" ": 1 source, 0 tools"
changes
mv "$site/shop.gone" "$site/shop.db"

cp "$site/state/keys.db" "$site/keys.good"
dd if=/dev/zero of="$site/state/keys.db" bs=1 seek=100 count=3000 conv=notrunc 2>/dev/null
want 1 doctor --config "$conf"
has "$out" "bad   "
cp "$site/keys.good" "$site/state/keys.db"
want 0 doctor --config "$conf"

printf 'rubbish, and more of it than a head' >"$site/state/limits.db"
chmod 600 "$site/state/limits.db"
want 1 doctor --config "$conf"
has "$out" "state/limits.db: "
has "$out" "when nothing that a user agreed to is still open"
hasnot "$out" "restore $site/state/limits.db"
rm "$site/state/limits.db"
rm "$site/state/limits.tab"
mkdir "$site/state/limits.tab"
want 1 doctor --config "$conf"
has "$out" "delete limits.tab; they begin anew"
hasnot "$out" "limits.*"
rmdir "$site/state/limits.tab"
want 0 doctor --config "$conf"

mv "$site/state/pepper" "$site/pepper.gone"
want 1 doctor --config "$conf"
is "how often it is said" "$(grep -c 'put it back from your copy' "$out")" 1
has "$out" 'change: put it back; mcpctl init makes a first one'
changes
want 1 doctor --config "$conf" --json
json 'x["ok"]' false
mv "$site/pepper.gone" "$site/state/pepper"

sed -i 's|https://mcp|http://mcp|' "$conf"
want 0 doctor --config "$conf"
has "$out" "in the clear"
printf 'streams = true;\n' >>"$conf"
want 0 doctor --config "$conf"
has "$out" "of requests that wait for somebody"
printf 'bogus = 1;\n' >>"$conf"
want 3 doctor --config "$conf"
want 3 doctor --config "$conf" --json
json 'x["ok"]' false
finish
