#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The examples of Documentation/examples: each client with each server.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

DIR=/srv/examples
LANGUAGES="c python go rust node"
NODE_SERVER="wrtcsub run --no-preload --listen"

# server LANGUAGE PORT: its command.
server()
{
	case $1 in
	python) echo "python3 $DIR/python/server.py $2" ;;
	node) echo "$NODE_SERVER $2 node $DIR/node/server.mjs" ;;
	*) echo "$DIR/$1/server $2" ;;
	esac
}

# client LANGUAGE PORT TEXT: its answer.
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

# speaks LANGUAGE PORT: all clients get their answers from its server.
speaks()
{
	local language

	# shellcheck disable=SC2046
	start "$2" $(server "$1" "$2") || return
	for language in $LANGUAGES; do
		is "answer to $language" \
			"$(client "$language" "$2" "from-$language")" \
			"FROM-${language^^}" || return
	done
}

ktap_print_header
programs_setup
ktap_set_plan 6
ktap_test_result "the server in C answers all" speaks c 5000
ktap_test_result "the server in Python answers all" speaks python 5001
ktap_test_result "the server in Go answers all" speaks go 5002
ktap_test_result "the server in Rust answers all" speaks rust 5003
ktap_test_result "the server for Node.js answers all" speaks node 5004
ktap_test_result "each server has its association" shared 5 25
ktap_finished
