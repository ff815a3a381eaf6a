#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# wrtcsub stat: the counters, once or as they grow.

# shellcheck source=tool_lib.sh
. "$(dirname "$0")/tool_lib.sh"

# counter NS NAME
counter()
{
	at "$1" stat -j | jq -re ".$2"
}

none()
{
	is counters "$(at "$client" stat -z | wc -l)" 1 &&
		is header "$(at "$client" stat -z | tr -s ' ')" "Name Value" &&
		is json "$(at "$client" stat -zj | jq -c .)" "{}"
}

# Two files to a server that answers with 68 bytes each.
counts()
{
	transfer "$SERVER4" 1000 70000 || return
	is opened "$(counter "$client" Opened)" 2 &&
		is accepted "$(counter "$server" Accepted)" 2 &&
		is dialed "$(counter "$client" AssocsDialed)" 1 &&
		is sent "$(counter "$client" TxBytes)" 71000 &&
		is received "$(counter "$server" RxBytes)" 71000 &&
		is answer "$(counter "$client" RxBytes)" 136
}

same()
{
	local file=$TMP/proc

	# Nothing is counted any more.
	ip netns exec "$client" sysctl -qw net.wrtcsub.idle_timeout_ms=0 &&
		will_list 0 "$client" assoc && link_is_patient || return
	ip netns exec "$client" cat /proc/net/wrtcsub_stat |
		awk '{ print $1, $2 }' > "$file" || return
	at "$client" stat -H | awk '{ print $1, $2 }' | diff "$file" - ||
		return
	awk '$2 { print }' "$file" | diff - <(at "$client" stat -Hz |
		awk '{ print $1, $2 }') || return
	at "$client" stat -j | jq -r 'to_entries[] | "\(.key) \(.value)"' |
		diff "$file" -
}

# What was added, put together, is what there is.
watched()
{
	local pid

	ip netns exec "$client" wrtcsub stat -j --watch 0.05 > "$TMP/watch" &
	pid=$!
	PIDS+=("$pid")
	soon [ -s "$TMP/watch" ] || return
	transfer "$SERVER4" 30000 || return
	# In a line that is whole: the last one may not be.
	soon grep -q '"TxBytes": *101000.*} *}$' \
		"$TMP/watch" || return
	kill "$pid"
	wait "$pid" 2>/dev/null
	is added "$(grep '} *}$' "$TMP/watch" | jq -s \
		'map(.added.TxBytes) | add')" 30000 &&
		is first "$(head -n 1 "$TMP/watch" | jq .added.Opened)" 0
}

# The same with a column for it, and without what has not changed.
watched_as_text()
{
	local pid sent

	sent=$(counter "$client" TxBytes) || return
	ip netns exec "$client" wrtcsub stat -z --watch 0.05 > "$TMP/text" &
	pid=$!
	PIDS+=("$pid")
	soon [ -s "$TMP/text" ]
	transfer "$SERVER4" 20000 || return
	soon grep -q "^TxBytes *$((sent + 20000)) .*[0-9]$" "$TMP/text" ||
		return
	kill "$pid"
	wait "$pid" 2>/dev/null
	is header "$(sed -n 1p "$TMP/text" | tr -s ' ')" "Name Value Added" &&
		is first "$(awk '$1 == "TxBytes" { print $2, $3; exit }' \
			"$TMP/text")" "$sent 0" &&
		is added "$(awk '$1 == "TxBytes" { sum += $3 }
			END { print sum }' "$TMP/text")" 20000 &&
		is unchanged "$(awk 'NR > 1 && $1 == "Name" { again = 1 }
			again && $3 == 0' "$TMP/text" | wc -l)" 0
}

# named ARGS...: the counters that are listed.
named()
{
	at "$client" stat -H "$@" | awk '{ print $1 }' | paste -sd " "
}

patterns()
{
	is one "$(named TxBytes)" TxBytes &&
		is two "$(named rxbytes TxBytes)" "TxBytes RxBytes" &&
		is some "$(named 'tx*')" "$(named | tr ' ' '\n' | grep ^Tx |
			paste -sd " ")" &&
		is json "$(at "$client" stat -j TxBytes 'Rx*' | jq -c \
			'[has("TxBytes", "RxBytes", "Opened")]')" \
			"[true,true,false]" || return
	exits 2 at "$client" stat TxBytes now
}

mistakes()
{
	exits 2 at "$client" stat now && exits 2 at "$client" stat -w 0 &&
		exits 2 at "$client" stat -w x && exits 0 at "$client" stat -h
}

ktap_print_header
link_setup
link_is_patient || exit
ktap_set_plan 7

ktap_test_result "a new namespace has counted nothing" none
ktap_test_result "transfers are counted" counts
ktap_test_result "all forms say what /proc says" same
ktap_test_result "--watch tells what was added" watched
ktap_test_result "--watch has it in a column" watched_as_text
ktap_test_result "patterns tell which counters" patterns
ktap_test_result "mistakes have their exit statuses" mistakes
ktap_finished
