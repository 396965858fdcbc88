#!/bin/sh
# "doctor --url" at a host where everything is wrong: each cause is named with
# the line to change.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-.}/tests/ctl/lib.sh"

mkfifo "$work/port"
# shellcheck disable=SC2154
python3 "$source_dir/tests/ctl/bad_host.py" >"$work/port" &
host=$!
exec 3<"$work/port"
read -r port <&3
url=http://127.0.0.1:$port/mcp

want 1 doctor --url "$url" --key mcpk_canary
has "$out" "does not pass the Authorization header on"
has "$out" "CGIPassAuth On"
has "$out" "may be sent as X-API-Key"
has "$out" "200000 bytes end in HTTP 500"
has "$out" "FcgidMaxRequestLen 8388608"
hasnot "$out" "1000000 bytes"
has "$out" "200 without metadata makes clients stop"
has "$out" "/.well-known/oauth-protected-resource/mcp:"
has "$out" "/mcp/.well-known/openid-configuration: HTTP 403"
has "$out" "a foreign origin gets HTTP 200"
has "$out" "server/discover is refused: header missing"
has "$out" "GET for a stream gets HTTP 200 instead of 405"
hasnot "$out" "it is refused"
hasnot "$out" canary
want 1 doctor --url "$url" --json
json 'x["ok"], x["warnings"] > 0' '[false, true]'
json 'all("change" in f for f in x["findings"] if f["check"] in ("authorization", "body", "well-known") and f["level"] == "bad")' true

while read -r http text; do
	want 1 doctor --url "http://127.0.0.1:$port/status/$http"
	has "$out" "HTTP $http: "
	has "$out" "$text"
done <<'STATUS'
301 redirects
403 mod_security
404 nothing is mounted there
413 client_max_body_size
500 could not be run
502 does not reach the program
503 does not reach the program
504 fastcgi_read_timeout
STATUS
want 1 doctor --url "http://127.0.0.1:$port/status/301"
has "$out" "http://127.0.0.1:$port/elsewhere"
want 1 doctor --url "http://127.0.0.1:$port/status/418"
has "$out" "HTTP 418 with text/html"

# Errors of our own are no matter of a server in between.
for http in 404 429 503; do
	want 1 doctor --url "http://127.0.0.1:$port/ours/$http"
	has "$out" "HTTP $http: the program itself says: it has mistakes"
	hasnot "$out" mcp-fcgi.socket
	hasnot "$out" "nothing is mounted"
done
has "$out" "mcpctl check"

kill "$host"
wait "$host" 2>/dev/null
want 1 doctor --url "$url"
has "$out" "no answer"
finish
