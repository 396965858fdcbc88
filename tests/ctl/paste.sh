#!/bin/sh
# web and client: what is printed to be pasted.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-.}/tests/ctl/lib.sh"
make_site

for server in lighttpd lighttpd-cgi apache-fcgid apache-proxy htaccess nginx caddy systemd; do
	want 0 web "$server" --config "$conf"
	[ "$server" = apache-proxy ] || has "$out" "$conf"
	hasnot "$out" /etc/mcp-fcgi/mcp.conf
	hasnot "$out" /usr/lib/mcp-fcgi
	hasnot "$out" example.org.example
	want 0 web "$server" --config "$conf" --json
	json 'all(f["text"].startswith("# ") for f in x)' true
done
want 0 web systemd --config "$conf"
has "$out" "[Socket]"
has "$out" "[Service]"
has "$out" "ReadWritePaths=$site/state"
want 0 web caddy --config "$conf"
has "$out" "mcp.example.org {"

# Another mount: no default is left anywhere but in names of files.
sed -i 's|example.org/mcp|example.org/api/my.data|' "$conf"
for server in lighttpd lighttpd-cgi apache-fcgid apache-proxy htaccess nginx caddy; do
	want 0 web "$server" --config "$conf"
	sed "s|$conf||; s|[^ \"]*mcp\\.fcgi||g; s|mcp\\.sock||g; s|mcp-fcgi||g; s|^#.*||" "$out" >"$work/rest"
	if grep -qE '/mcp|\(mcp|"mcp"| mcp \[' "$work/rest"; then
		bad "web $server keeps the default mount: $(grep -E '/mcp|\(mcp|"mcp"| mcp \[' "$work/rest")"
	else
		ok
	fi
done
want 0 web nginx --config "$conf"
has "$out" '^/(api/my\.data|'
want 0 web apache-fcgid --config "$conf"
has "$out" "ScriptAlias /api/my.data "
sed -i 's|example.org/api/my.data|example.org/|' "$conf"
want 3 web nginx --config "$conf"
sed -i 's|example.org/|example.org/mcp|' "$conf"

# The servers themselves find the lines good.
# shellcheck disable=SC2016
if [ -x /usr/sbin/lighttpd ]; then
	for server in lighttpd lighttpd-cgi; do
		want 0 web "$server" --config "$conf"
		{ printf 'server.document-root = "%s"\nserver.port = 1\n' "$work" && cat "$out"; } >"$work/lighttpd.conf"
		run /usr/sbin/lighttpd -tt -f "$work/lighttpd.conf"
	done
fi
if [ -x /usr/sbin/nginx ] && [ -r /etc/nginx/fastcgi_params ]; then
	want 0 web nginx --config "$conf"
	{ printf 'pid %s/pid;\nevents {}\nhttp {\naccess_log off;\nserver {\nlisten 127.0.0.1:1;\ninclude /etc/nginx/fastcgi_params;\n' "$work" &&
	    grep -v 'include ' "$out" && printf '}\n}\n'; } >"$work/nginx.conf"
	run /usr/sbin/nginx -t -e "$work/error.log" -c "$work/nginx.conf"
fi
if command -v systemd-analyze >/dev/null; then
	"$program" web systemd --config "$conf" >"$work/units"
	awk -v dir="$work" '/^# \/etc\/systemd/ { n = split($2, p, "/"); f = dir "/" p[n] } f { print > f }' "$work/units"
	run grep -q Socket "$work/mcp-fcgi.socket"
fi

# Clients: JSON that parses, with the address and the token in it.
token=mcpk_000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
want 0 client --config "$conf"
has "$out" "https://mcp.example.org/mcp"
has "$out" "YOUR_TOKEN"
for client in claude-code claude-desktop cursor vscode gemini codex opencode inspector curl; do
	want 0 client "$client" --config "$conf" --json
	json 'len(x), x[0]["client"]' "[1, \"$client\"]"
	json '"https://mcp.example.org/mcp" in x[0]["text"] and "@" not in x[0]["text"].replace("@modelcontextprotocol", "")' true
done
for client in claude-desktop cursor vscode opencode; do
	want 0 client "$client" --config "$conf" --json
	json '"https://mcp.example.org/mcp" in str(json.loads(x[0]["text"]))' true
done
want 0 client curl --url http://192.0.2.1/x
has "$out" http://192.0.2.1/x
want 0 client claude-desktop --url http://192.0.2.1/x
has "$out" --allow-http
want 0 client claude-desktop --url https://192.0.2.1/x
hasnot "$out" --allow-http
want 0 key create me --config "$conf"
token=$(cat "$out")
MCP_KEY=$token want 0 client --config "$conf"
has "$out" "Bearer $token"
hasnot "$out" YOUR_TOKEN
MCP_KEY="x'y" want 2 client --config "$conf"
want 2 client --url "https://x/'; rm -rf /" --config "$conf"
for url in notaurl "" ftp://x/ https:// https://x/#y 'https://x/?a"b' 'https://x/?a b' "https://x/\\"; do
	want 2 client --url "$url"
done

# What goes into a shell arrives as it is.
for word in claude gemini npx curl; do
	printf "%s() { printf '%%s\\\\n' \"\$@\"; }\n" "$word"
done >"$work/stand-ins"
for url in "https://x/a;b" "https://x/a\$(id)&b" "https://x/it's" "https://x/(a)" "http://[::1]:8/m" "https://x/m?tools=sql&ops=read"; do
	for client in claude-code gemini inspector curl; do
		want 0 client "$client" --url "$url"
		{ cat "$work/stand-ins" && sed -n '/^\(claude\|gemini\|npx\|curl\) /,$p' "$out"; } >"$work/paste"
		run sh "$work/paste"
		is "$client $url" "$(grep -cxF -e "$url" "$out")" 1
	done
	want 0 client cursor --url "$url" --json
	export url
	json '"\"%s\"" % __import__("os").environ["url"] in x[0]["text"]' true
done
finish
