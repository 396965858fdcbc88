#!/bin/sh
# Words, options, help and exit codes.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-.}/tests/ctl/lib.sh"

# What is wrong, and what could have stood there.
want 2
has "$err" "mcpctl help"
want 2 bogus
has "$err" "init, check, doctor, key"
want 2 key
has "$err" "create, list, show, revoke, rotate, extend, rename"
want 2 key bogus
has "$err" "create, list, show"
want 2 key create
has "$err" "<name> is missing"
has "$err" "usage: mcpctl key create <name>"
want 2 key rename one
has "$err" "<name> is missing"
want 2 key show one two
has "$err" "'two' is one word too many"
want 2 web iis
has "$err" "lighttpd|lighttpd-cgi"
want 2 client emacs
has "$err" "claude-code|claude-desktop"
want 2 gc --follow
has "$err" "--follow does not belong here"
want 2 gc --bogus
want 2 key create x --confirm maybe
has "$err" "ask|refuse|allow"
want 2 serve --port x
has "$err" "between 0 and 65535"
want 2 serve --port 65536
want 2 serve --workers 0
want 2 log --lines 0
want 2 config
want 2 config --example --list
want 2 help --completion fish
want 2 doctor --key mcpk_x
want 2 doctor --url ftp://example.org/ --json
json 'list(x)' '["ok", "error"]'
want 2 doctor --url 'http://x/"'
for word in init check gc version stdio tools; do
	want 2 "$word" extra
	has "$err" "usage: mcpctl $word"
done

# Help of every command, from the table, wherever --help stands.
want 0 help
has "$out" "key create <name>"
want 0 --help
want 0 -h
want 0 help key
has "$out" "mcpctl key rename"
want 0 key create --help
has "$out" "--expires WHEN"
hasnot "$out" "--follow"
want 0 key show alice --help
has "$out" "mcpctl key show <key>"
want 2 help bogus
want 0 help --json
json 'len([c for c in x if c["sentence"] == "gc"])' 1
json '[o["name"] for o in x[0]["options"]][:3]' '["config", "json", "help"]'
want 0 version
has "$out" "mcpctl "
want 0 --version
want 0 -V
want 0 version --json
json 'x["name"]' mcpctl

# No configuration, a broken one, and one named on either side.
mkdir "$work/home"
HOME=$work/home
export HOME
want 3 check --config "$work/missing.conf"
want 3 key list --config "$work/missing.conf"
printf 'state = "s";\nbogus = 1;\n' >"$work/bad.conf"
for words in check "key list" tools gc log doctor "config --effective" \
    "web nginx" serve "call x" stdio "backup x" client; do
	# shellcheck disable=SC2086
	want 3 $words --config "$work/bad.conf"
	has "$err" "bad.conf:2"
done
want 3 check --config "$work/bad.conf" --json
json 'x["ok"]' false
json 'len(x["complaints"])' 1

# What was asked for as JSON fails as JSON.
for words in doctor check tools "call x" "web nginx"; do
	# shellcheck disable=SC2086
	want 3 $words --config "$work/bad.conf" --json
	json 'x["ok"], len(x["complaints"]), x["error"]["code"]' '[false, 1, "CONFIGURATION"]'
done
printf 'state = "s";\nsources = { a = { driver = "sqlit"; }; };\n' >"$work/bad.conf"
want 3 check --config "$work/bad.conf" --json
json 'x["ok"], x["error"]["code"]' '[false, "CONFIGURATION"]'
for words in "" bogus "key bogus" "help bogus" "tools --bogus" "call" "log --lines x" "log one two" \
    "doctor --key x" "doctor --url x"; do
	# shellcheck disable=SC2086
	want 2 --json --config "$work/missing.conf" $words
	json 'x["ok"], x["error"]["code"]' '[false, "INVALID_ARGUMENT"]'
	# shellcheck disable=SC2086
	want 2 $words --json
	json 'x["ok"], x["error"]["code"]' '[false, "INVALID_ARGUMENT"]'
done
# One word may hold more options than there are words.
want 0 "-$(printf '%05000d' 0 | tr 0 h)"
want 0 init --dir "$site"
want 0 --config "$conf" check
want 0 check --config "$conf"
MCP_CONFIG=$conf want 0 check

# The page explains every command and every option of the tables.
want 0 help --list
sed 's/^--//' "$out" >"$work/words"
while read -r word; do
	name=$(printf '%s' "$word" | sed 's/-/\\-/g')
	if grep -qF -e "$word" "$source_dir/man/mcpctl.8" ||
	    grep -qE -e "$name" "$source_dir/man/mcpctl.8"; then
		ok
	else
		bad "mcpctl(8) says nothing about '$word'"
	fi
done <"$work/words"
finish
