#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# initramfs.sh KERNEL DIR OUT
#
# Writes the initramfs for a kernel to OUT, and to OUT.base one without any of
# that, which just boots.  DIR is what goes in on top of the system: the job,
# the module, the programs under test.  Uncompressed, for unpacking is what costs
# time without KVM.

. "$(dirname "$0")/lib.sh"
set -e -o pipefail

# The host's programs, for kselftest's shell library does not get along with
# busybox, whose chroot would run its own applets and not those of the root;
# coreutils are added to these.  Those after the bar are left out where missing.
PROGRAMS="bash ip tc ss jq awk grep sed find xargs cmp diff nsenter unshare
	flock setpriv sysctl modprobe rmmod insmod lsmod modinfo dmesg ethtool
	nft ps pgrep pkill | tcpdump strace iperf3"

# Kernel modules besides wrtcsub; built-in and missing ones are passed over.
MODULES="sctp sctp_diag udp_tunnel ip6_udp_tunnel inet_diag tcp_diag udp_diag
	unix_diag af_packet_diag veth dummy vrf bridge tun sch_netem sch_tbf
	sch_fq sch_fq_codel sch_htb sch_prio sch_ingress cls_u32 cls_matchall
	cls_flower act_gact act_mirred nf_tables nft_compat nft_counter nft_ct
	nft_chain_nat nft_connlimit nft_masq nft_limit nft_numgen nft_reject_inet
	nft_log x_tables xt_sctp
	nf_conntrack xfrm_user esp4 crc32c_generic hmac sha1_generic
	virtio_pci 9pnet_virtio 9p"

KERNEL=$1
DIR=$2
OUT=$3
# Two clones of the tree may differ in what they pack, and share the cache.
HASH=$(cat "$0" "$VM_DIR/init.c" | sha256sum | cut -c1-8)
BASE=$CACHE/initramfs/base-$HASH
# Binary data in file names would sort differently elsewhere.
CPIO=(cpio -o -H newc -R 0:0 --quiet)

# copy_libs ROOT FILE...: what the dynamic linker will ask for.
copy_libs()
{
	local root=$1 lib

	shift
	for lib in $(ldd "$@" 2>/dev/null |
		     sed -nE 's,.*[ 	](/[^ ]+) \(0x.*,\1,p' | sort -u || true); do
		lib=usr/${lib#/}
		lib=${lib/#usr\/usr/usr}
		[ -e "$BASE/$lib" ] || [ -e "$root/$lib" ] ||
			install -D "/${lib}" "$root/$lib"
	done
}

make_base()
{
	local optional='' prog path applet

	say "making the initramfs base"
	rm -rf "$BASE"
	mkdir -p "$BASE"/{dev,proc,sys,tmp,run,root,etc,var,usr/{bin,lib,lib64}}
	ln -s usr/bin usr/sbin usr/lib usr/lib64 "$BASE"
	ln -s bin "$BASE/usr/sbin"
	ln -s ../run "$BASE/var/run"
	for prog in $(dpkg -L coreutils |
		       sed -n 's,^\(/usr\)\?/s\?bin/,,p') $PROGRAMS; do
		if [ "$prog" = '|' ]; then
			optional=1
			continue
		fi
		if ! path=$(type -P "$prog"); then
			[ -n "$optional" ] && continue
			die "$prog is not installed; run selftests/vm/setup.sh"
		fi
		cp -L "$path" "$BASE/usr/bin/$prog"
		copy_libs "$BASE" "$path"
	done
	# stdbuf and tc load these by name.
	path=$(dpkg -L coreutils | grep 'libstdbuf\.so')
	install -D "$path" "$BASE$path"
	for path in /usr/lib/tc/*.dist /usr/lib/*/tc/*.dist; do
		[ -e "$path" ] || continue
		install -D -m 644 "$path" "$BASE$path"
	done
	install "$(type -P busybox)" "$BASE/usr/bin/busybox"
	for applet in $(busybox --list); do
		[ -e "$BASE/usr/bin/$applet" ] ||
			ln -s busybox "$BASE/usr/bin/$applet"
	done
	ln -sf bash "$BASE/usr/bin/sh"
	echo 'root:x:0:0:root:/root:/bin/bash' > "$BASE/etc/passwd"
	echo 'nobody:x:65534:65534:nobody:/:/bin/false' >> "$BASE/etc/passwd"
	echo 'root:x:0:' > "$BASE/etc/group"
	printf '%s\n' '127.0.0.1 localhost vm' '::1 localhost' > "$BASE/etc/hosts"
	echo 'hosts: files' > "$BASE/etc/nsswitch.conf"
	cp /etc/protocols "$BASE/etc" 2>/dev/null || true
	gcc -O2 -Wall -Wextra -static -o "$BASE/init" "$VM_DIR/init.c"
	(cd "$BASE" && find . | sort | "${CPIO[@]}") > "$BASE.cpio.new"
	mv "$BASE.cpio.new" "$BASE.cpio"
}

make_modules()
{
	local root=$1 kernel=$2 release=$3 mod file

	rm -rf "$root"
	mkdir -p "$root/lib/modules/$release"
	cp "$kernel/root/lib/modules/$release"/modules.{order,builtin*} \
		"$root/lib/modules/$release"
	for mod in $MODULES; do
		modprobe -d "$kernel/root" -S "$release" --show-depends \
			"$mod" 2>/dev/null || true
	done | sed -n 's/^insmod //p' | awk '{ print $1 }' | sort -u |
	while read -r file; do
		file=${file#"$kernel/root/"}
		install -D -m 644 "$kernel/root/$file" "$root/$file"
	done
	touch "$root.done"
}

newer_than()
{
	local f

	for f in "${@:2}"; do
		[ ! -e "$1" ] || [ "$f" -nt "$1" ] && return
	done
	return 1
}

mkdir -p "$CACHE/initramfs"
lock initramfs
# shellcheck disable=SC2046,SC2086
if newer_than "$BASE.cpio" $(type -P ${PROGRAMS/|/} || true); then
	make_base
fi

kernel=$("$VM_DIR/kernel.sh" "$KERNEL")
release=$(cat "$kernel/release")
root=$CACHE/initramfs/$(basename "$kernel")-$release-$HASH
if newer_than "$root.done" "$kernel/release"; then
	make_modules "$root" "$kernel" "$release"
fi
unlock initramfs

# Modules go below usr/lib, as the base has lib as a symbolic link.
mkdir -p "$DIR/usr/lib/modules"
cp -r "$root/lib/modules/$release" "$DIR/usr/lib/modules"
mv "$DIR/updates" "$DIR/usr/lib/modules/$release"
ln -s usr/lib "$DIR/lib"
depmod -b "$DIR" "$release"
rm "$DIR/lib"

ln -s "$BASE.cpio" "$OUT.base"
find "$DIR" -path "$DIR/files" -prune -o -type f -perm -u+x -print0 |
while IFS= read -r -d '' file; do
	copy_libs "$DIR" "$file"
done
{
	cat "$BASE.cpio"
	(cd "$DIR" && find . | sort | "${CPIO[@]}")
} > "$OUT"
