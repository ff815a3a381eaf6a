#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build_bpftrace.sh KERNEL DIR ROOT
#
# Puts the scripts into DIR; ROOT is a root with bpftrace.

. "$(dirname "$0")/lib.sh"

cp "$TOP"/tools/bpftrace/*.bt "$2"
root=$("$VM_DIR/root.sh" bpftrace "$SYSTEM_DIR/bpftrace.packages")
ln -s "$root" "$3"
