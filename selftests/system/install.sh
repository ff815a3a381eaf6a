#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "make install", "make uninstall" and "make kselftest-install", each with
# DESTDIR: what they put there, and that nothing of it stays.

. "$(dirname "$0")/lib.sh"
trap - ERR
set +e

KERNEL=6.1

passed=0
failed=0

# result NAME: of the command before.
result()
{
	local rc=$?

	if [ $rc -eq 0 ]; then
		passed=$((passed + 1))
		echo "ok $((passed + failed)) - $1"
	else
		failed=$((failed + 1))
		echo "not ok $((passed + failed)) - $1"
	fi
}

# have DIR NAME...: files that are there and not empty.
have()
{
	local name dir=$1 rc=0

	shift
	for name; do
		[ -s "$dir/$name" ] || { echo "# no $name"; rc=1; }
	done
	return $rc
}

# What "make install" puts below DESTDIR; modules.* is depmod's.
files()
{
	find "$work/root" ! -type d ! -name 'modules.*' -printf '%P\n' | sort
}

# is_known NAMES: these are the modules that modprobe would find.
is_known()
{
	local names

	names=$(sed -n 's,^updates/.*/\(.*\)\.ko:.*,\1,p' \
		"$work/root/lib/modules/$release/modules.dep" | sort | xargs)
	[ "$names" = "$1" ] || { echo "# modprobe knows: $names"; return 1; }
}

in_tree()
{
	make -s -C "$src" KDIR="$kernel/build" DESTDIR="$work/root" \
		PREFIX=/usr "$@" > "$work/log" 2>&1 ||
		{ sed 's/^/# /' "$work/log"; return 1; }
}

installs()
{
	local modules=lib/modules/$release/updates/net/wrtcsub
	local examples=usr/share/doc/wrtcsub-tools/examples
	local wants=(
		usr/bin/wrtcsub usr/lib/wrtcsub/libwrtcsub-run.so
		usr/include/linux/wrtcsub{,_diag}.h
		usr/share/man/man7/wrtcsub.7
		usr/share/man/man8/wrtcsub{,-run}.8
		usr/share/bash-completion/completions/wrtcsub
		usr/share/pkgconfig/wrtcsub.pc
		usr/share/wrtcsub/bpftrace/{fin_ack,paused}.bt
		usr/share/wrtcsub/wireshark/wrtcsub{,_frame}.lua
		"$examples"/{modules-load,sysctl}.conf
		"$modules"/wrtcsub{,_diag}.ko
	)

	in_tree install && have "$work/root" "${wants[@]}" &&
		is_known "wrtcsub wrtcsub_diag" || return
	# And no more, or "make uninstall" may not know of it.
	diff <(printf '%s\n' "${wants[@]}" | sort) <(files)
}

# Beside what is of others, which stays: that of DKMS is named as ours.
uninstalls()
{
	local updates=lib/modules/$release/updates
	local others=(
		"$updates"/dkms/wrtcsub.ko "$updates"/net/other.ko
		usr/bin/other usr/share/man/man8/other.8
	)
	local name

	have "$work/root" usr/bin/wrtcsub || return
	mkdir "$work/root/$updates/dkms"
	for name in "${others[@]}"; do
		echo other > "$work/root/$name"
	done
	# What depmod takes for a module.
	for name in "${others[@]:0:2}"; do
		cp "$work/ko/wrtcsub.ko" "$work/root/$name"
	done
	in_tree uninstall && is_known "other wrtcsub" || return
	diff <(printf '%s\n' "${others[@]}" | sort) <(files)
}

# Nor its directories, but for those that others use as well.
leaves_no_directories()
{
	local name

	for name in "$work"/root/lib/modules/*/updates \
		    "$work"/root/usr/{lib,share,share/doc}/wrtcsub*; do
		[ -e "$name" ] || continue
		echo "# $name"
		return 1
	done
}

# The module was never installed, or there are no headers any more.
uninstalls_the_rest()
{
	local kdir left

	for kdir in "$kernel/build" /nonexistent; do
		in_tree install_user && in_tree uninstall KDIR="$kdir" ||
			return
		left=$(files)
		[ -z "$left" ] || { echo "# ${left//$'\n'/ }"; return 1; }
	done
	leaves_no_directories
}

# With the module, and nothing of others.
uninstalls_all()
{
	rm -r "$work/root"
	in_tree install && in_tree uninstall && [ -z "$(files)" ] &&
		leaves_no_directories
}

# Each program of the list is there and can be run; so can the runner.
kselftest_installs()
{
	local dir=$work/ksft/usr/lib/kselftest name count=0

	make -s -C "$TOP" DESTDIR="$work/ksft" kselftest-install \
		> "$work/log" 2>&1 || { sed 's/^/# /' "$work/log"; return 1; }
	have "$dir" run_kselftest.sh kselftest/runner.sh net/lib.sh \
		net/wrtcsub/settings || return
	while IFS=: read -r _ name; do
		[ -x "$dir/net/wrtcsub/$name" ] ||
			{ echo "# $name cannot be run"; return 1; }
		count=$((count + 1))
	done < "$dir/kselftest-list.txt"
	[ "$count" -ge 40 ] && "$dir/run_kselftest.sh" -l |
		diff - "$dir/kselftest-list.txt"
}

kernel=$("$VM_DIR/kernel.sh" "$KERNEL") || exit
release=$(cat "$kernel/release")
mkdir -p "$CACHE"
work=$(mktemp -d "$CACHE/install.XXXXXX") || exit
trap 'rm -rf "$work"' EXIT
# In the copy of the tree that modules are built in, which has them already.
mkdir "$work/ko"
"$VM_DIR/build.sh" module "$KERNEL" "$work/ko" || exit
src=$BUILD/$(basename "$kernel")-$release/src

echo "TAP version 13"
echo "1..5"
installs
result "make install puts all into DESTDIR"
uninstalls
result "make uninstall leaves nothing of it"
uninstalls_all
result "make uninstall leaves no directories"
rm -r "$work/root"
uninstalls_the_rest
result "make uninstall does without the module, and without headers"
kselftest_installs
result "make kselftest-install puts all where kselftest wants it"
[ $failed -eq 0 ]
