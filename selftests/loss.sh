#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Transfers over links that delay, lose, reorder and repeat packets: every file
# arrives whole, with its end, and so does its answer.

# shellcheck source=link_lib.sh
. "$(dirname "$0")/link_lib.sh"

over()
{
	local addr=$1

	shift
	link_netem "$@" && transfer "$addr" 200000 100001 1
}

ktap_print_header
link_setup
link_is_patient || exit
ktap_set_plan 4

ktap_test_result "20 ms delay and 1 % loss, IPv4" \
	over "$SERVER4" delay 20ms loss 1%
ktap_test_result "20 ms delay and 1 % loss, IPv6" \
	over "$SERVER6" delay 20ms loss 1%
ktap_test_result "10 ms delay, reordered and repeated packets" \
	over "$SERVER4" delay 10ms reorder 75% 50% duplicate 5%
ktap_test_result "1 ms delay and 10 % loss" \
	over "$SERVER4" delay 1ms loss 10%
ktap_finished
