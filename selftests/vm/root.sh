#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# root.sh NAME PACKAGES [NPM]
#
# Makes a root with Debian's packages that the file PACKAGES lists, and below
# /opt/npm those of npm that the directory NPM locks, unless it is there, and
# prints its directory.  What it is made of is in its name; it is used as it
# is, with no network.

. "$(dirname "$0")/lib.sh"
set -e -o pipefail

SUITE=bookworm
NAME=$1
PACKAGES=$2
NPM=$3

hash=$(cat "$PACKAGES" ${NPM:+"$NPM"/package*.json} "$0" | sha256sum |
	cut -c1-12)
dir=$CACHE/$NAME-root-$hash

make_root()
{
	rm -rf "$dir.new"
	apt_use "$SUITE"
	say "making $(basename "$dir")"
	mmdebstrap --quiet --mode=root --variant=essential \
		--aptopt='APT::Install-Recommends "false"' \
		--aptopt='Acquire::Languages "none"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--include="$(paste -sd, "$PACKAGES")" \
		"$SUITE" "$dir.new" "$CACHE/apt/$SUITE/sources.list.d"/* >&2
	[ -z "$NPM" ] || add_npm
	mv "$dir.new" "$dir"
}

add_npm()
{
	install -D -t "$dir.new/opt/npm" "$NPM"/package*.json
	# Scripts would fetch binaries that are not needed.
	npm --prefix "$dir.new/opt/npm" ci --ignore-scripts --omit=optional \
		--no-audit --no-fund --silent >&2
}

[ "$(id -u)" -eq 0 ] || die "a root is made and used by root"
lock "$NAME-root"
[ -e "$dir" ] || make_root
echo "$dir"
