#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The examples of Documentation/examples: each client with each server, and both
# with others that cut them off.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

DIR=/srv/examples
LANGUAGES="c python go rust node"
NODE_SERVER="wrtcsub run --no-preload --listen"
NOBODY=5999	# listens at that port

# server LANGUAGE PORT: its command.
server()
{
	case $1 in
	python) echo "python3 $DIR/python/server.py $2" ;;
	node) echo "$NODE_SERVER $2 node $DIR/node/server.mjs" ;;
	*) echo "$DIR/$1/server $2" ;;
	esac
}

# client LANGUAGE PORT TEXT: its answer, and its exit status.
client()
{
	local run=(in_root "$client" timeout "$LIMIT")

	case $1 in
	python)
		"${run[@]}" python3 "$DIR/python/client.py" "$SERVER4" "$2" "$3"
		;;
	node)
		"${run[@]}" wrtcsub connect --exec \
			"node $DIR/node/client.mjs $3" "$SERVER4" "$2" 2>&1
		;;
	*)
		"${run[@]}" "$DIR/$1/client" "$SERVER4" "$2" "$3"
		;;
	esac
}

# says LANGUAGE PORT STATUS ANSWER: what becomes of its client.
says()
{
	local answer rc

	answer=$(client "$1" "$2" "from-$1" 2> "$TMP/client")
	rc=$?
	is "status of the client in $1" "$rc" "$3" &&
		is "answer to $1" "$answer" "$4" && return
	sed 's/^/# client: /' "$TMP/client"
	return 1
}

# serves PORT: all clients get their answers from the server there.
serves()
{
	local language

	for language in $LANGUAGES; do
		says "$language" "$1" 0 "FROM-${language^^}" || return
	done
}

# goes_on PORT: as it does after clients that are cut off.
goes_on()
{
	in_root "$client" timeout "$LIMIT" python3 /srv/rude_client.py \
		"$SERVER4" "$1" && serves "$1"
}

# speaks LANGUAGE PORT: its server does, without complaint, until it is killed.
speaks()
{
	local rc

	# shellcheck disable=SC2046
	start "$2" $(server "$1" "$2") && serves "$2" &&
		is "what the server says" "$(< "$SERVER_LOG")" "" &&
		goes_on "$2"
	rc=$?
	kill -TERM "$SERVER_PID"
	wait "$SERVER_PID"
	is "status of the server" $? $((128 + 15)) && [ $rc -eq 0 ] && return
	sed 's/^/# server: /' "$SERVER_LOG"
	return 1
}

# fail PORT: all clients do, with the exit status of an error.
fail()
{
	local language

	for language in $LANGUAGES; do
		client "$language" "$1" "from-$language" > "$TMP/client" 2>&1
		is "status of the client in $language" $? 1 && continue
		sed 's/^/# client: /' "$TMP/client"
		return 1
	done
}

# Half of an answer is none.
know_half()
{
	start 5005 python3 /srv/rude_server.py 5005 && fail 5005
}

ktap_print_header
programs_setup
ktap_set_plan 8
ktap_test_result "the server in C answers all" speaks c 5000
ktap_test_result "the server in Python answers all" speaks python 5001
ktap_test_result "the server in Go answers all" speaks go 5002
ktap_test_result "the server in Rust answers all" speaks rust 5003
ktap_test_result "the server for Node.js answers all" speaks node 5004
ktap_test_result "an answer that is cut off is an error" know_half
ktap_test_result "each server has its association" shared 6 65
ktap_test_result "nobody there is an error" fail "$NOBODY"
ktap_finished
