#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Arguments: COMMAND...
#
# Runs commands that print KTAP, and prints one TAP of all their tests.

for command; do
	$command 2>&1
	echo "@exit $?"
done | awk -f "$(dirname "$0")/../ktap.awk"
