#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Makes the root that the peers are built and run in, unless it is there, and
# prints its directory: Debian's packages, and below /opt/npm those of npm.
# What it is made of is in its name; it is used as it is, with no network.

. "$(dirname "$0")/lib.sh"

SUITE=bookworm
NPM=$INTEROP_DIR/npm

hash=$(cat "$INTEROP_DIR/packages" "$NPM"/package*.json "$0" | sha256sum |
	cut -c1-12)
dir=$CACHE/interop-root-$hash

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
		--include="$(paste -sd, "$INTEROP_DIR/packages")" \
		"$SUITE" "$dir.new" "$CACHE/apt/$SUITE/sources.list.d"/* >&2
	install -D -t "$dir.new/opt/npm" "$NPM"/package*.json
	# Scripts would fetch binaries that are not needed.
	npm --prefix "$dir.new/opt/npm" ci --ignore-scripts --omit=optional \
		--no-audit --no-fund --silent >&2
	mv "$dir.new" "$dir"
}

[ "$(id -u)" -eq 0 ] || die "the root of the peers is made and used by root"
lock interop-root
[ -e "$dir" ] || make_root
echo "$dir"
