#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rsync and its daemon.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

started()
{
	make_files "$TMP/files" 2000000 1 100001 0 &&
		mkdir "$TMP/there" "$TMP/got" || return
	cat > "$TMP/rsyncd.conf" <<-END
	use chroot = no
	uid = root
	gid = root
	[there]
		path = $TMP/there
		read only = no
	END
	serve 873 rsync --daemon --no-detach --config="$TMP/rsyncd.conf" \
		--log-file="$TMP/rsyncd.log"
}

# both_ways HOST
both_ways()
{
	rm -rf "$TMP/there"/* "$TMP/got"/*
	ask rsync -a "$TMP/files/" "rsync://$1/there/" &&
		are_whole "$TMP/there" SUMS &&
		ask rsync -a --checksum "rsync://$1/there/" "$TMP/got/" &&
		are_whole "$TMP/got" SUMS
}

# Only a difference goes over the wire.
difference()
{
	echo more >> "$TMP/files/1"
	(cd "$TMP/files" && sha256sum [1234] > SUMS)
	ask rsync -a --stats --no-whole-file "$TMP/files/" \
		"rsync://$SERVER4/there/" > "$TMP/stats" &&
		are_whole "$TMP/there" SUMS &&
		grep -E '^Literal data: [0-9,]{1,6} bytes' "$TMP/stats"
}

ktap_print_header
programs_setup
ktap_set_plan 5
ktap_test_result "rsync --daemon listens" started
ktap_test_result "rsync copies both ways over IPv4" both_ways "$SERVER4"
ktap_test_result "rsync copies both ways over IPv6" both_ways "[$SERVER6]"
ktap_test_result "rsync copies a difference" difference
ktap_test_result "all is on one association for each address" shared 2 5
ktap_finished
