#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# setup.sh [PACKAGE...]
#
# Installs what the selftests, their VM and the checkers need on this machine,
# and what else is asked for.

. "$(dirname "$0")/lib.sh"
set -e

PACKAGES="bash bc binutils bison busybox-static clang coccinelle codespell
	coreutils cpio cppcheck diffutils ethtool findutils flex gcc
	gcc-multilib iproute2 jq kmod libc6-dev libclang-rt-14-dev libelf-dev
	libjson-c-dev libmnl-dev libssl-dev make mandoc nftables ocaml-nox perl
	procps python3 python3-protobuf qemu-system-x86 rsync shellcheck sparse spin
	util-linux xz-utils"
# Debian's kernels want to be built for with the compiler they are built with.
PACKAGES+=" gcc-12 $*"

missing()
{
	local package

	for package in $PACKAGES; do
		# shellcheck disable=SC2016
		dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null |
			grep -q ^ii || printf ' %s' "$package"
	done
}

[ -n "$(missing)" ] || exit 0
# What is missing may be about to be installed.
lock setup
missing=$(missing)
[ -n "$missing" ] || exit 0

command="apt-get install -y --no-install-recommends$missing"
[ "$(id -u)" = 0 ] || die "missing packages; run: sudo $command"
say "installing$missing"
export DEBIAN_FRONTEND=noninteractive
# The lists can be missing or old.
# shellcheck disable=SC2086
$command -qq > /dev/null 2>&1 ||
	{ apt-get update -qq && $command -qq > /dev/null; }
