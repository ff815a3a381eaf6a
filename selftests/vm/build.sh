#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build.sh module KERNEL DIR	builds the modules, copies them to DIR
# build.sh module.gcov KERNEL DIR
#				likewise, counting what is executed; what gcov
#				needs is in the cache's build/ID/gcov-KERNEL
# build.sh lint KERNEL		builds the module from scratch with all warnings
#				and sparse, or by clang if KERNEL is "clang";
#				prints what they say of it
# build.sh analyze		prints what clang's static analyzer says of the
#				module, the tools and the selftests, as they are
#				compiled
# build.sh user DIR		builds tools and selftests and puts them into
#				DIR as they are to be in the VM; prints the
#				names of the tests
# build.sh kselftest DIR	builds the selftests and puts them into DIR as
#				"make kselftest-install" of a kernel tree does
#
# Both build in the cache, in a copy of the tree made of symbolic links, so
# that several kernels do not fight over object files and the tree stays clean.

. "$(dirname "$0")/lib.sh"
set -e -o pipefail

# mirror DIR: make DIR a copy of the sources.
mirror()
{
	local f

	mkdir -p "$1"
	cd "$TOP"
	find . -name '.?*' -prune -o -type f ! -name '*.o' ! -name '*.ko' \
		! -name '*.mod' ! -name '*.mod.c' ! -name '*.a' \
		! -name Module.symvers ! -name modules.order -print |
	while read -r f; do
		[ -L "$1/$f" ] && continue
		mkdir -p "$1/${f%/*}"
		ln -sf "$TOP/${f#./}" "$1/$f"
	done
	find "$1" -xtype l -delete
	cd - > /dev/null
}

# quietly LOG COMMAND...: show the output only if it failed or has warnings.
quietly()
{
	local log=$1

	shift
	if ! "$@" > "$log" 2>&1; then
		grep -vE '^  (CC|LD) ' "$log" >&2
		die "failed: $*"
	fi
	! grep -qi 'warning[: ]' "$log" || cat "$log" >&2
}

# Type information of the module would ask for one more tool.
KBUILD_VARS=(-j"$(nproc)" CONFIG_DEBUG_INFO_BTF_MODULES=)

build_module()
{
	local kernel dir

	kernel=$("$VM_DIR/kernel.sh" "$1")
	dir=${3:-$BUILD/$(basename "$kernel")-$(cat "$kernel/release")}
	mkdir -p "$dir"
	lock "build-$(basename "$BUILD")-$1"
	mirror "$dir/src"
	quietly "$dir/log" make -C "$kernel/build" M="$dir/src" \
		"${KBUILD_VARS[@]}" modules
	cp "$dir/src/net/wrtcsub"/*.ko "$2"
}

lint_module()
{
	local kernel dir=$BUILD/lint-$1 checker=C=2

	[ "$1" != clang ] || checker=LLVM=$CLANG
	kernel=$("$VM_DIR/kernel.sh" "$1")
	rm -rf "$dir"
	mirror "$dir/src"
	if ! make -C "$kernel/build" M="$dir/src" "${KBUILD_VARS[@]}" \
	     W=1 "$checker" modules > "$dir/log" 2>&1; then
		grep -vE '^  (CC|CHECK|LD) ' "$dir/log"
		exit 1
	fi
	# Complaints about the kernel's own headers are not ours to mend.
	grep -E '(warning|error):|WARNING:' "$dir/log" |
		grep -v "^$kernel/" || true
}

# of_ours DIR LOG: what is said of our files, whose paths in LOG are below DIR.
of_ours()
{
	sed -E -e '/^ +[A-Z]+ |^[0-9]+ warnings? generated/d' \
		-e "s,^([a-z_0-9./]+:[0-9]+:),$1\\1,; s,[a-z]+/\.\./,," "$2"
}

# Of the module as "lint clang" has left it: C=2 compiles nothing again that is
# there, if the warnings are the same.
analyze_module()
{
	local kernel dir=$BUILD/lint-clang

	kernel=$("$VM_DIR/kernel.sh" clang)
	mirror "$dir/src"
	make -k -C "$kernel/build" M="$dir/src" "${KBUILD_VARS[@]}" -O \
		--no-print-directory W=1 LLVM="$CLANG" C=2 \
		CHECK="$VM_DIR/analyzer.sh" CHECKFLAGS= modules \
		> "$dir/analyzer.log" 2>&1 || echo "failed: the module"
	of_ours "" "$dir/analyzer.log"
}

# The same file comes once, so it is not for 32 bits.  The harness makes many
# paths of each test: all of them would take half as long again.
analyze_user()
{
	local dir ksft vars make

	user_vars analyze
	make=(make -s -k -O -B --no-print-directory -j"$(nproc)"
		CC="$VM_DIR/analyzer.sh" AR=:)
	"${make[@]}" -C "$dir/src/selftests" "${vars[@]}" PROGS_32= \
		USERCFLAGS="-Xclang -analyzer-config -Xclang max-nodes=75000" \
		all > "$dir/selftests.log" 2>&1 || echo "failed: selftests"
	of_ours selftests/ "$dir/selftests.log"
	"${make[@]}" -C "$dir/src/tools" all > "$dir/tools.log" 2>&1 ||
		echo "failed: tools"
	of_ours tools/ "$dir/tools.log"
}

# user_vars [DIR]: sets dir, where programs are built, and vars, what make has
# to know.
user_vars()
{
	ksft=$("$VM_DIR/kernel.sh" source)/tools/testing/selftests
	dir=$BUILD/${1:-user}
	mkdir -p "$dir"
	lock "build-$(basename "$BUILD")-${1:-user}"
	mirror "$dir/src"
	vars=(
		KSFT_SRC="$ksft" OUTPUT="$dir/src/selftests"
		KHDR_INCLUDES="-isystem $dir/src/include/uapi"
	)
}

# install_selftests DIR: what is in DIR/net/wrtcsub then, and the libraries of
# the shell that programs find relative to themselves.
install_selftests()
{
	quietly "$dir/selftests.log" make -C "$dir/src/selftests" \
		-j"$(nproc)" "${vars[@]}" install INSTALL_PATH="$1/net/wrtcsub"
	rsync -a --include='/kselftest/***' --include=/net/ \
		--include=/net/lib.sh --include=/net/lib/ \
		--include='/net/lib/sh/***' --exclude='*' "$ksft/" "$1"
}

# list_selftests COLLECTION: a line for each, "COLLECTION:NAME".
list_selftests()
{
	make -s -C "$dir/src/selftests" "${vars[@]}" COLLECTION="$1" emit_tests
}

build_user()
{
	local dir dest=$1 ksft vars

	user_vars
	quietly "$dir/tools.log" make -C "$dir/src/tools" -j"$(nproc)"
	install -D "$dir/src/tools/wrtcsub" "$dest/usr/bin/wrtcsub"
	install -D -t "$dest/usr/lib/wrtcsub" \
		"$dir/src/tools/libwrtcsub-run.so"
	install_selftests "$dest/selftests"
	list_selftests wrtcsub | sed 's/.*://'
}

build_kselftest()
{
	local dir dest=$1 ksft vars

	user_vars
	mkdir -p "$dest"
	install_selftests "$dest"
	install "$ksft/run_kselftest.sh" "$dest"
	list_selftests net/wrtcsub > "$dest/kselftest-list.txt"
}

case $1 in
module)
	# With this, GCC makes plain reads of those bools that READ_ONCE() marks.
	[ "$2" != kcsan ] || KBUILD_VARS+=(UBSAN_SANITIZE=n)
	build_module "$2" "$3"
	;;
module.gcov)
	KBUILD_VARS+=(GCOV_PROFILE=y KCFLAGS="-include $VM_DIR/gcov.h")
	[ "$2" != kcsan ] || KBUILD_VARS+=(KCSAN_SANITIZE=n UBSAN_SANITIZE=n)
	build_module "$2" "$3" "$BUILD/gcov-$2"
	;;
lint)
	lint_module "$2"
	;;
analyze)
	analyze_module
	analyze_user
	;;
user)
	build_user "$2"
	;;
kselftest)
	build_kselftest "$2"
	;;
*)
	die "usage: build.sh module|module.gcov KERNEL DIR | lint KERNEL |
	     analyze | user DIR | kselftest DIR"
	;;
esac
