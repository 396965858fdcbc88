#!/bin/bash
# Completion as a shell would do it.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-.}/tests/ctl/lib.sh"

"$program" help --completion bash >"$work/bash"
# shellcheck source=/dev/null
. "$work/bash"

# complete WORD...: the last one is being typed; the candidates, sorted.
candidates() {
	COMP_WORDS=(mcpctl "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_mcpctl
	printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
}

is "first word" "$(candidates ke)" "key "
is "second word" "$(candidates key '')" "create extend list rename revoke rotate show "
is "after an option" "$(candidates --config /x/y key sh)" "show "
is "help of what" "$(candidates help ver)" "version "
is "help of two words" "$(candidates help key re)" "rename revoke "
is "help of one word" "$(candidates help store '')" "copy "
is "help of no more" "$(candidates help key show '')" " "
is "a choice" "$(candidates web apache)" "apache-fcgid apache-proxy "
is "a choice behind two words" "$(candidates store copy '')" "folder shared "
is "a choice once" "$(candidates store copy shared '')" " "
is "options" "$(candidates key rotate alice --g)" "--grace "
is "only its own" "$(candidates gc --f)" " "
is "value of an option" "$(candidates key create x --confirm '')" "allow ask refuse "
is "a free value" "$(candidates key create x --owner '')" " "
touch "$work/site.conf"
is "a file" "$(candidates check --config "$work/site")" "$work/site.conf "
is "before any word" "$(candidates --v)" "--version "

# The same tables for zsh; where it is installed it reads them too.
"$program" help --completion zsh >"$work/zsh"
has "$work/zsh" "#compdef mcpctl"
has "$work/zsh" "'gc:"
if command -v zsh >/dev/null; then
	run zsh -n "$work/zsh"
fi
if command -v shellcheck >/dev/null; then
	run shellcheck "$work/bash"
fi
finish
