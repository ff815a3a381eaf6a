#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build.sh ROOT DIR
#
# Builds the peers in ROOT and puts the whole of the tests into DIR, as
# selftests/vm/run.sh -p wants it.

. "$(dirname "$0")/lib.sh"

ROOT=$1
DIR=$2
WORK=/root/interop
PROGRAMS="pion.sh aiortc.sh usrsctp.sh js_libp2p.sh"

mkdir -p "$DIR/interop/peers" "$ROOT$WORK"
cp "$VM_DIR/mount_root.sh" "$INTEROP_DIR"/{vm.sh,*.py} "$DIR/interop"
cp -r "$INTEROP_DIR/lib" "$DIR/interop"
cp "$INTEROP_DIR"/peers/*.py "$DIR/interop/peers"
for program in $PROGRAMS; do
	cp "$INTEROP_DIR/$program" "$DIR/interop"
	echo "interop/$program"
done > "$DIR/tests"

lock interop-build
rm -rf "${ROOT:?}$WORK"
cp -r "$INTEROP_DIR/peers" "$ROOT$WORK"
# Debian's packages of Go are sources, in the way from before modules.
in_root env -C "$WORK/pion" GO111MODULE=off GOPATH=/usr/share/gocode \
	GOCACHE=/root/.cache/go CGO_ENABLED=0 go build -o ../pion.bin .
in_root gcc -O2 -Wall -Wextra -Werror -o "$WORK/usrsctp.bin" \
	"$WORK/usrsctp.c" -l:libusrsctp.a -lpthread
ln -s /opt/npm/node_modules "$ROOT$WORK/node_modules"
in_root "$WORK/node_modules/@esbuild/linux-x64/bin/esbuild" --bundle \
	--platform=node --format=esm --log-level=warning \
	--outfile="$WORK/js.mjs" "$WORK/js/main.mjs"
cp "$ROOT$WORK/js.mjs" "$DIR/interop/peers"
for program in pion usrsctp; do
	install "$ROOT$WORK/$program.bin" "$DIR/interop/peers/$program"
done
