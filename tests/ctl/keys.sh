#!/bin/sh
# The life of a key.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-.}/tests/ctl/lib.sh"
make_site

want 0 key list --config "$conf"
has "$err" "there are no keys"
want 0 key list --config "$conf" --json
json 'x' '[]'

# The token alone, in its form.
want 0 key create alice --config "$conf"
is "lines" "$(wc -l <"$out")" 1
is "form" "$(grep -cE '^mcpk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}[0-9a-f]{6}$' "$out")" 1
token=$(cat "$out")
want 0 key create bob --config "$conf" --json --scope read,write \
    --source shop:SELECT,INSERT --environment production --expires 90d \
    --rate 60/min --owner Bob --user bob --address 127.0.0.1,10.0.0.0/8 \
    --confirm refuse --max-rows 7
json 'x["name"], x["status"]' '["bob", "active"]'
json 'x["token"].startswith("mcpk_" + x["id"])' true
json 'x["scopes"], x["sources"]' '[["read", "write"], {"shop": ["SELECT", "INSERT"]}]'
json 'x["environment"], x["owner"], x["user"], x["rate"], x["confirm"], x["max_rows"]' \
    '["production", "Bob", "bob", "60/min", "refuse", 7]'
json 'x["addresses"]' '["127.0.0.1", "10.0.0.0/8"]'
json 'x["expires"] > x["created"]' true

# What cannot be meant.
while read -r options; do
	# shellcheck disable=SC2086
	want 2 key create x --config "$conf" $options
done <<'BAD'
--scope admin
--scope
--scope read,
--scope write
--source nowhere:SELECT
--source shop:DROP
--source shop:INSERT
--source shop --source shop
--environment staging
--expires soon
--expires -1d
--expires 2030-13-01T00:00:00Z
--rate 60
--rate 0/min
--rate 60/fortnight
--max-rows 0
--max-rows x
--expires 2001-02-03T04:05:06Z
--address 999.1.1.1
--address 10.0.0.0/33
--user a:b
BAD
want 2 key create "" --config "$conf"
has "$err" "1 to 100 bytes"
want 2 key create "$(printf 'a\nb')" --config "$conf"
want 2 key rename alice "" --config "$conf"
want 2 key create x --user a:b --config "$conf" --json
json 'x["error"]["code"]' INVALID_ARGUMENT
want 0 key list --config "$conf" --json
json '[k["name"] for k in x]' '["alice", "bob"]'
hasnot "$out" "$token"
want 0 key list --config "$conf"
has "$out" "shop:SELECT,INSERT"
want 0 key create prod --environment production --config "$conf"
want 0 key list --config "$conf"
has "$out" "(all of production)"
want 0 key show prod --config "$conf"
has "$out" "every one of the environment"
want 0 key revoke prod --config "$conf"

want 0 key show alice --config "$conf"
has "$out" "never"
want 0 key show alice --config "$conf" --json
id=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["id"])' "$out")
want 0 key show "$id" --config "$conf"
has "$out" "alice"
want 1 key show nobody --config "$conf"
has "$err" "nobody"
want 1 key show nobody --config "$conf" --json
json 'x["error"]["code"]' OBJECT_NOT_FOUND

want 0 key rename alice eve --config "$conf" --json
json 'x["name"]' eve
want 0 key extend eve --expires 2031-01-02T03:04:05Z --config "$conf" --json
json 'x["expires"]' 2031-01-02T03:04:05Z
want 0 key extend eve --expires never --config "$conf" --json
json 'x["expires"]' null
want 2 key extend eve --config "$conf"
want 2 key extend eve --expires 2001-02-03T04:05:06Z --config "$conf"
want 0 key rotate eve --config "$conf"
if [ "$(cat "$out")" = "$token" ]; then
	bad "the same token"
else
	ok
fi
want 2 key rotate eve --grace soon --config "$conf"
want 0 key rotate eve --grace 1h --config "$conf" --json
json 'x["name"]' eve
want 0 key revoke eve --config "$conf" --json
json 'x["status"]' revoked
want 1 key extend eve --expires 90d --config "$conf"
has "$err" "revoked"
want 0 key show eve --config "$conf" --json
json 'x["expires"]' null
want 0 key list --config "$conf" --json
json '[k["name"] for k in x]' '["bob"]'
want 0 key list --all --config "$conf" --json
json '"eve" in [k["name"] for k in x]' true
for words in "show nobody" "revoke nobody" "rotate nobody" \
    "extend nobody --expires 1d" "rename nobody other"; do
	# shellcheck disable=SC2086
	want 1 key $words --config "$conf"
done

# Wide characters stay what they are.
want 0 key create "日本語 Öwner" --config "$conf"
LC_ALL=C want 0 key list --config "$conf"
has "$out" "日本語 Öwner"
want 0 key revoke "日本語 Öwner" --config "$conf" --json
json 'x["name"]' "日本語 Öwner"

# Two keys of one name are told apart by their ids.
want 0 key create bob --config "$conf"
want 1 key revoke bob --config "$conf"
has "$err" "bob"

# As root on a site of another user: nothing of root's is left in it.
if [ "$(id -u)" = 0 ] && id www-data >/dev/null 2>&1; then
	chmod 755 "$work"
	want 0 init --dir "$site" --owner www-data
	want 0 key create carol --config "$conf"
	has "$err" "going on as www-data"
	want 0 key list --config "$conf" --json
	json '"carol" in [k["name"] for k in x]' true
	is "files of root" "$(find "$site/state" ! -user www-data)" ""
	want 1 init --dir "$site" --owner no-such-user-here
fi
finish
