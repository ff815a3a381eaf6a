#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A program that knows of TCP only, with substreams: tcp.c has the tests.

DIR=$(dirname "$(readlink -e "$0")")
PATH=$PATH:$DIR/../tools
if ! type wrtcsub > /dev/null 2>&1; then
	echo "1..0 # SKIP there is no wrtcsub"
	exit 4
fi
exec wrtcsub run "$DIR/tcp"
