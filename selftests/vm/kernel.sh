#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kernel.sh [-u] 6.1|6.12|debug|kcsan|clang|source
#
# Makes a kernel ready in the cache and prints its directory, which has
#
#	vmlinuz			what QEMU boots
#	release			the kernel's release
#	root/lib/modules/	its modules
#	build			what modules are built against (KDIR)
#
# 6.1 and 6.12 are Debian's packages, unpacked but not installed. "debug" is
# the newest linux-source that the backports of Debian 13 have, built with
# debug.config: Debian's headers of a suite newer than this machine's can
# bring build tools that do not run here, so that one is built from source.
# "kcsan" is the same with kcsan.config on top, and without instrumentation.
# "clang" is "debug" as clang would build it, but has only what modules are
# compiled against.
# "source" prints the directory of those sources, unpacked as far as the
# selftests and the checkers need them.
#
# What is there is used without asking the network; -u looks for newer ones.

. "$(dirname "$0")/lib.sh"
set -e -o pipefail

UPDATE=
SOURCE_SUITE=trixie-backports

# The parts of the kernel's source that building and checking the tree need.
SOURCE_PARTS=(
	Makefile MAINTAINERS .clang-format
	scripts tools/docs tools/lib/python tools/include
	tools/scripts tools/testing/selftests/lib.mk
	tools/testing/selftests/kselftest*
	tools/testing/selftests/net/lib.sh tools/testing/selftests/net/lib
	tools/testing/selftests/run_kselftest.sh
)

# debian_kernel SERIES SUITE
debian_kernel()
{
	local dir=$CACHE/kernel/$1 headers release=

	[ -z "$UPDATE" ] && [ -e "$dir/release" ] && return
	say "getting Linux $1 from $2"
	apt_use "$2"
	# Images are signed apart from the rest, so the newest headers may
	# come without an image, and the other way round.
	for headers in $(apt_names "linux-headers-${1//./\\.}\.[^-]*(-[0-9]+)?-amd64" | tac); do
		release=${headers#linux-headers-}
		[ -n "$(apt_version "linux-image-$release")" ] && break
		release=
	done
	[ -n "$release" ] || die "no Linux $1 in $2"
	[ "$release" = "$(cat "$dir/release" 2>/dev/null)" ] && return

	rm -rf "$dir" "$dir.new"
	# The headers' dependencies: -common and kbuild.
	# shellcheck disable=SC2046
	apt_unpack "$dir.new/root" "linux-image-$release" "$headers" \
		$(apt-cache -c "$APT_CONF" depends "$headers" |
		  sed -nE 's/.*Depends: (linux-(headers|kbuild)-.*)/\1/p')
	# The package's Makefile names its sisters by absolute path.
	# shellcheck disable=SC2016
	sed -i 's,/usr/src/,$(dir $(lastword $(MAKEFILE_LIST)))../,' \
		"$dir.new/root/usr/src/$headers/Makefile"
	ln -s "root/usr/src/$headers" "$dir.new/build"
	ln -s "root/boot/vmlinuz-$release" "$dir.new/vmlinuz"
	depmod -b "$dir.new/root" "$release"
	echo "$release" > "$dir.new/release"
	mv "$dir.new" "$dir"
}

# get_source [full]: sets SOURCE to the directory of the unpacked sources.
get_source()
{
	local link=$CACHE/source pkg tar version name

	SOURCE=$(readlink -e "$link" || true)
	if [ -z "$UPDATE" ] && [ -n "$SOURCE" ] &&
	   [ -e "$SOURCE/.${1:-parts}" ]; then
		return
	fi
	if [ -z "$UPDATE" ] && [ -n "$SOURCE" ]; then
		tar=$(echo "$SOURCE".tar.*)
	else
		say "getting the newest linux-source from $SOURCE_SUITE"
		apt_use "$SOURCE_SUITE"
		pkg=$(apt_names 'linux-source-[0-9.]+' | tail -n 1)
		version=$(apt_version "$pkg")
		[ -n "$version" ] || die "no linux-source in $SOURCE_SUITE"
		SOURCE=$CACHE/src/linux-$version
		mkdir -p "$CACHE/src"
		if ! compgen -G "$SOURCE.tar.*" > /dev/null; then
			apt_unpack "$SOURCE.deb" "$pkg"
			tar=$(echo "$SOURCE.deb/usr/src/$pkg".tar.*)
			mv "$tar" "$SOURCE.tar.${tar##*.}"
			rm -r "$SOURCE.deb"
		fi
		tar=$(echo "$SOURCE".tar.*)
	fi
	mkdir -p "$SOURCE"
	if [ "$1" = full ]; then
		say "unpacking all of $(basename "$SOURCE")"
		tar -xf "$tar" -C "$SOURCE" --strip-components=1
		touch "$SOURCE/.full"
	elif [ ! -e "$SOURCE/.parts" ]; then
		say "unpacking parts of $(basename "$SOURCE")"
		name=$(basename "$tar")
		name=linux-source-$(echo "${name#linux-}" | cut -d. -f1,2)
		tar -xf "$tar" -C "$SOURCE" --strip-components=1 --wildcards \
			"${SOURCE_PARTS[@]/#/$name/}"
	fi
	touch "$SOURCE/.parts"
	ln -sfn "$SOURCE" "$link"
}

kernel_source()
{
	lock source
	get_source "$@"
	unlock source
}

# fragment KERNEL: the configuration it asks for; of two lines the last counts.
fragment()
{
	local files=("$VM_DIR/debug.config")

	[ "$1" = debug ] || files+=("$VM_DIR/$1.config")
	awk -F= '/^CONFIG_/ { if (!($1 in line)) name[++n] = $1
			      line[$1] = $0 }
		 END { for (i = 1; i <= n; i++) print line[name[i]] }' \
		"${files[@]}"
}

# Everything the fragment asks for has to be in the result.
check_config()
{
	local line bad=0

	while read -r line; do
		case $line in
		CONFIG_*=n)
			! grep -q "^${line%n}" "$1" && continue
			;;
		CONFIG_*)
			grep -qx "$line" "$1" && continue
			;;
		*)
			continue
			;;
		esac
		say "$line did not survive olddefconfig"
		bad=1
	done < "$2"
	return $bad
}

# source_kernel KERNEL MAKE_ARGS...
source_kernel()
{
	local name=$1 dir key release link=$CACHE/kernel/$1

	shift
	key=$(fragment "$name" | sha256sum | cut -c1-12)
	dir=$(readlink -e "$link" || true)
	[ -z "$UPDATE" ] && [ "${dir##*-}" = "$key" ] &&
		[ -e "$dir/release" ] && return

	kernel_source full
	dir=$CACHE/kernel/$(basename "$SOURCE")-$key
	if [ ! -e "$dir/release" ]; then
		say "building $(basename "$dir"); this takes half an hour of CPU time"
		mkdir -p "$dir/build"
		(
			exec >> "$dir/build.log" 2>&1
			cd "$dir/build"
			set -e
			fragment "$name" > asked
			make -C "$SOURCE" O="$PWD" tinyconfig
			"$SOURCE/scripts/kconfig/merge_config.sh" -m .config \
				asked
			make olddefconfig
			check_config .config asked
			nice -n 19 make -j"$(nproc)" "$@" bzImage modules
			nice -n 19 make modules_install \
				INSTALL_MOD_PATH="$dir/root" INSTALL_MOD_STRIP=1
		) || { tail -n 30 "$dir/build.log" >&2
		       die "the $name kernel did not build"; }
		cp "$dir/build/arch/x86/boot/bzImage" "$dir/vmlinuz"
		release=$(make -s -C "$dir/build" kernelrelease)
		# Modules need the tools and headers, not the objects.
		find "$dir/build" -path "$dir/build/scripts" -prune -o \
			-path "$dir/build/tools" -prune -o \
			\( -name '*.o' -o -name '*.a' -o -name '.*.cmd' \
			   -o -name '*.gcno' \) ! -name '*module-common*' \
			-exec rm {} +
		echo "$release" > "$dir/release"
	fi
	ln -sfn "$dir" "$link"
}

clang_kernel()
{
	local debug dir

	debug=$("$VM_DIR/kernel.sh" debug)
	dir=$debug-clang$CLANG
	if [ ! -e "$dir/release" ]; then
		kernel_source full
		mkdir -p "$dir/build"
		cp "$debug/build/.config" "$debug/build/Module.symvers" \
			"$dir/build"
		make -C "$SOURCE" O="$dir/build" LLVM="$CLANG" olddefconfig \
			modules_prepare > "$dir/build.log" 2>&1 ||
			{ tail -n 30 "$dir/build.log" >&2
			  die "clang cannot prepare the kernel"; }
		cp "$debug/release" "$dir"
	fi
	ln -sfn "$dir" "$CACHE/kernel/clang"
}

if [ "$1" = -u ]; then
	UPDATE=1
	shift
fi
mkdir -p "$CACHE"
case $1 in
6.1)
	lock kernel-6.1
	debian_kernel 6.1 bookworm
	;;
6.12)
	lock kernel-6.12
	debian_kernel 6.12 bookworm-backports
	;;
debug)
	lock kernel-debug
	source_kernel debug
	;;
kcsan)
	lock kernel-kcsan
	source_kernel kcsan KCSAN_SANITIZE=n
	;;
clang)
	lock kernel-clang
	clang_kernel
	;;
source)
	kernel_source
	echo "$SOURCE"
	exit
	;;
*)
	die "usage: kernel.sh [-u] 6.1|6.12|debug|kcsan|clang|source"
	;;
esac
readlink -f "$CACHE/kernel/$1"
