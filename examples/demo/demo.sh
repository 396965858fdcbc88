# shellcheck shell=sh
# The demo, read by ../../bootstrap: a site whose one source is this machine's
# own package database, a key, lighttpd in front, and one real call.

demo_packages="lighttpd sqlite3 curl ca-certificates"
demo_default=8080
demo_port=$demo_default
demo_dir=
demo_once=
demo_pid=

demo_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--once) demo_once=yes ;;
		--port | --dir)
			[ $# -gt 1 ] || die "$1 needs a value"
			if [ "$1" = --port ]; then
				demo_port=$2
			else
				demo_dir=$2
			fi
			shift
			;;
		--port=*) demo_port=${1#*=} ;;
		--dir=*) demo_dir=${1#*=} ;;
		-h | --help) usage && exit 0 ;;
		*) misused ;;
		esac
		shift
	done
	case $demo_port in
	'' | *[!0-9]*) die "--port wants a number, not '$demo_port'" ;;
	esac
	[ "$demo_port" -le 65535 ] || die "--port is at most 65535"
	: "${demo_dir:=$top/demo}"
	case $demo_dir in
	/*) ;;
	*) demo_dir=${caller:?}/$demo_dir ;;
	esac
}

# Every installed package and what it depends on, as two tables.
demo_data() {
	mkdir -p "$demo_dir/data"
	db=$demo_dir/data/packages.db
	dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\t${Section}\t${Priority}\t${Installed-Size}\t${Maintainer}\t${binary:Summary}\n' \
	    >"$demo_dir/data/packages.tsv"
	dpkg-query -W -f '${Package}\t${Pre-Depends}, ${Depends}\n' |
	    awk -F '\t' '{
		n = split($2, part, /[,|]/)
		for (i = 1; i <= n; i++) {
			name = part[i]
			gsub(/\(.*\)|:any|[ \t]/, "", name)
			if (name != "" && !seen[$1, name]++)
				print $1 "\t" name
		}
	    }' >"$demo_dir/data/depends.tsv"
	rm -f "$db.new"
	sqlite3 "$db.new" <"$top/examples/demo/packages.sql"
	(cd "$demo_dir/data" && sqlite3 packages.db.new \
	    '.mode ascii' '.separator "\t" "\n"' \
	    '.import packages.tsv raw' '.import depends.tsv depends' \
	    'INSERT OR IGNORE INTO packages SELECT * FROM raw' \
	    'DROP TABLE raw' 'ANALYZE')
	mv "$db.new" "$db"
	rm -f "$demo_dir/data/packages.tsv" "$demo_dir/data/depends.tsv"
}

demo_site() {
	if [ ! -f "$demo_dir/mcp.conf" ]; then
		say "making a site in $demo_dir"
		build/mcpctl init --dir "$demo_dir" >/dev/null ||
		    die "mcpctl init failed"
		# 0 is whatever port is free when it is served.
		[ "$demo_port" -ne 0 ] || port=$demo_default
		sed "s|@PORT@|${port:-$demo_port}|" "$top/examples/demo/mcp.conf" \
		    >"$demo_dir/mcp.conf"
		chmod 600 "$demo_dir/mcp.conf"
	fi
	say "filling it with this machine's package database"
	demo_data
	build/mcpctl check --config "$demo_dir/mcp.conf" >/dev/null ||
	    die "the site's configuration is not good; see above"
}

# The key of the last run while it is still good, else a new one.
demo_key() {
	token=
	[ ! -f "$demo_dir/demo.token" ] || token=$(cat "$demo_dir/demo.token")
	if [ -n "$token" ] && [ "$(demo_post ping | tail -n 1)" = 200 ]; then
		return 0
	fi
	token=$(build/mcpctl key create demo --config "$demo_dir/mcp.conf" \
	    --scope read --expires 90d) || die "mcpctl key create failed"
	(umask 077 && printf '%s\n' "$token" >"$demo_dir/demo.token")
}

# POST one method; the answer, then the status on a line of its own.
demo_post() {
	curl -s -w '\n%{http_code}\n' -u "demo:$token" "$demo_url" -d \
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\"${2:+,\"params\":$2}}"
}

demo_stop() {
	[ -z "$demo_pid" ] || {
		kill "$demo_pid" 2>/dev/null || :
		wait "$demo_pid" 2>/dev/null || :
		demo_pid=
	}
}

demo_serve() {
	ready=$demo_dir/ready
	rm -f "$ready"
	mkfifo "$ready"
	build/mcpctl serve --config "$demo_dir/mcp.conf" --port "$demo_port" \
	    >"$ready" 2>"$demo_dir/serve.log" &
	demo_pid=$!
	trap demo_stop EXIT
	trap 'exit 0' INT TERM
	read -r word demo_url <"$ready" || word=
	rm -f "$ready"
	if [ "$word" != ready ]; then
		cat "$demo_dir/serve.log" >&2
		die "could not serve on port $demo_port"
	fi
}

demo() {
	demo_options "$@"
	need "$demo_packages"
	build
	demo_site
	demo_serve
	demo_key
	sql="SELECT section, count(*) AS packages, sum(installed_kb) AS kb FROM packages GROUP BY section ORDER BY kb DESC LIMIT 5"
	params="{\"name\":\"execute_select\",\"arguments\":{\"query\":\"$sql\"}}"
	say "asking $demo_url through lighttpd: $sql"
	answer=$(demo_post tools/call "$params")
	[ "$(printf '%s\n' "$answer" | tail -n 1)" = 200 ] ||
	    die "the call failed: $answer"
	printf '%s\n' "$answer" | sed '$d'
	case $answer in
	*'"isError":true'*) die "the call failed" ;;
	esac
	say "the same by hand:"
	printf "curl -u 'demo:%s' %s -d '%s'\n" "$token" "$demo_url" \
	    '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
	say "for the usual clients:"
	MCP_KEY=$token build/mcpctl client --config "$demo_dir/mcp.conf" \
	    --url "$demo_url" || die "mcpctl client failed"
	[ -z "$demo_once" ] || exit 0
	say "serving $demo_url; Ctrl-C ends it"
	wait "$demo_pid" || :
}
