#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sshd, ssh and scp.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

started()
{
	make_files "$TMP/files" 2000000 1 100001 && mkdir "$TMP/got" || return
	in_root "$client" ssh-keygen -q -t ed25519 -N '' -f "$TMP/host" &&
		in_root "$client" ssh-keygen -q -t ed25519 -N '' \
			-f "$TMP/user" || return
	mkdir -p /run/sshd
	cat > "$TMP/sshd_config" <<-END
	Port 2222
	HostKey $TMP/host
	PidFile none
	AuthorizedKeysFile $TMP/user.pub
	StrictModes no
	UsePAM no
	PermitRootLogin yes
	Subsystem sftp internal-sftp
	END
	cat > "$TMP/ssh_config" <<-END
	Host *
		Port 2222
		User root
		IdentityFile $TMP/user
		StrictHostKeyChecking no
		UserKnownHostsFile /dev/null
		LogLevel ERROR
	END
	serve 2222 /usr/sbin/sshd -D -e -f "$TMP/sshd_config"
}

# A file goes there, its sum comes back, and so does the exit status.
runs()
{
	is sum "$(ask ssh -F "$TMP/ssh_config" "$1" sha256sum \
		< "$TMP/files/1" | cut -c1-64)" \
		"$(sha256sum < "$TMP/files/1" | cut -c1-64)" &&
		is complaints "$(cat "$TMP/client")" "" || return
	in_root "$client" timeout "$LIMIT" wrtcsub run \
		ssh -F "$TMP/ssh_config" "$1" exit 7 < /dev/null
	is status $? 7
}

copies()
{
	rm -rf "$TMP/there" "$TMP/got"
	mkdir "$TMP/there" &&
		ask scp -q -F "$TMP/ssh_config" "$TMP/files"/[123] \
			"$1:$TMP/there/" &&
		are_whole "$TMP/there" "$TMP/files/SUMS" &&
		ask scp -q -r -F "$TMP/ssh_config" "$1:$TMP/there" "$TMP/got" &&
		are_whole "$TMP/got" "$TMP/files/SUMS"
}

# Both ends set IP_TOS once they know what a session is for, and tell if that
# does not work.
no_complaints()
{
	! grep setsockopt "$SERVER_LOG"
}

# rsync runs ssh, which finds the library in the environment.
syncs()
{
	local rsync=(ask rsync -a --checksum -e "ssh -F $TMP/ssh_config")

	rm -rf "$TMP/there" "$TMP/got"
	"${rsync[@]}" "$TMP/files/" "$1:$TMP/there/" &&
		are_whole "$TMP/there" SUMS &&
		"${rsync[@]}" "$1:$TMP/there/" "$TMP/got/" &&
		are_whole "$TMP/got" SUMS
}

ktap_print_header
programs_setup
ktap_set_plan 8
ktap_test_result "sshd listens" started
ktap_test_result "ssh runs a command over IPv4" runs "$SERVER4"
ktap_test_result "ssh runs a command over IPv6" runs "$SERVER6"
ktap_test_result "scp copies both ways" copies "$SERVER4"
ktap_test_result "rsync copies both ways over IPv4" opens 2 2 syncs "$SERVER4"
ktap_test_result "rsync copies both ways over IPv6" \
	opens 2 2 syncs "[$SERVER6]"
ktap_test_result "each session has had its traffic class" no_complaints
ktap_test_result "all is on one association for each address" shared 2 10
ktap_finished
