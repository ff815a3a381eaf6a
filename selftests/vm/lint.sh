#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every checker over the tree; a warning is a failure.

. "$(dirname "$0")/lib.sh"
trap - ERR
cd "$TOP" || exit

passed=0
failed=0

# check NAME COMMAND...: fails if the command does or if it prints anything.
check()
{
	local name=$1 out rc

	shift
	out=$("$@" 2>&1)
	rc=$?
	if [ $rc -eq 0 ] && [ -z "$out" ]; then
		echo "ok - $name"
		passed=$((passed + 1))
	else
		echo "not ok - $name"
		printf '%s\n' "$out" | tail -n 200 | sed 's/^/    /'
		failed=$((failed + 1))
	fi
}

# What is checked in, or will be.
files()
{
	{ git ls-files -co --exclude-standard -- "$@" 2>/dev/null ||
		find "$@" -name .git -prune -o -type f -print; } | while read -r f; do
		[ ! -f "$f" ] || echo "${f#./}"
	done
}

scripts()
{
	files . | while read -r f; do
		case $f in
		*.sh)
			echo "$f"
			;;
		*)
			head -n 1 "$f" | grep -aqE '^#!.*\b(ba)?sh\b' && echo "$f"
			;;
		esac
	done
}

# W=1 and sparse, or clang, for the whole module, from scratch.
compile()
{
	"$VM_DIR/build.sh" lint "$1"
}

# style FILTER OPTION...: checkpatch over the files that match.
style()
{
	local filter=$1 dictionary

	shift
	dictionary=$(dpkg -L codespell | grep '/dictionary\.txt$')
	# shellcheck disable=SC2046
	"$SOURCE/scripts/checkpatch.pl" --strict --no-tree --quiet --terse \
		--no-summary --show-types --codespell \
		--codespellfile "$dictionary" "$@" -f \
		$(files . | grep -E "$filter" | grep -vE "${skip:-^$}" |
		  grep -E '\.([chS]|sh|awk|rst|md)$|Makefile$|Kbuild$|Kconfig$')
}

# The kernel's semantic patches, those that report.
coccicheck()
{
	local patch options

	grep -l '^virtual.*report' -r "$SOURCE/scripts/coccinelle" |
	while read -r patch; do
		options=$(sed -n 's,^// Options:,,p' "$patch")
		# shellcheck disable=SC2086
		spatch -D report --very-quiet --no-show-diff $options \
			--cocci-file "$patch" --dir net/wrtcsub \
			-I include/uapi 2> /dev/null || echo "failed: $patch"
	done
}

kernel_doc()
{
	# shellcheck disable=SC2046
	"$SOURCE/scripts/kernel-doc" -none -Wall \
		$(files net include tools | grep '\.[ch]$')
}

spelling()
{
	# shellcheck disable=SC2046
	codespell --ignore-regex '[.][N]d .*' $(files . | grep -E '\.(md|rst|[0-9])$')
}

# cppcheck sees none of the kernel's headers and knows some macros of its own.
cpp_check()
{
	local options=(-q -j"$(nproc)" -Iinclude/uapi
		'--enable=warning,performance,portability'
		--template='{file}:{line}:{column}: {severity}: {message} [{id}]'
		--template-location='{file}:{line}:{column}: note: {info}')

	# shellcheck disable=SC2046
	cppcheck "${options[@]}" $(files tools selftests | grep '\.c$' |
		grep -v '^tools/model/') 2>&1
	# shellcheck disable=SC2046
	cppcheck "${options[@]}" --library="$VM_DIR/cppcheck.cfg" \
		$(files net | grep '\.c$') 2>&1
}

# What both say, but for what is known to be false.
analyze()
{
	{ cpp_check; "$VM_DIR/build.sh" analyze 2>&1; } |
		awk -v alarms="$VM_DIR/false_alarms" -f "$VM_DIR/alarms.awk"
}

# What is installed here, and known to mandoc, is no matter.
manuals()
{
	# shellcheck disable=SC2046
	mandoc -Tlint $(files Documentation | grep '\.[0-9]$') 2>/dev/null |
		grep -v 'referenced manual not found'
	return 0
}

# What the kernel has of its own and a program cannot include.
KERNEL_ONLY=PREFER_KERNEL_TYPES,ARRAY_SIZE,BIT_MACRO,STRCPY,STRLCPY,STRNCPY
KERNEL_ONLY+=,PREFER_DEFINED_ATTRIBUTE_MACRO,CONST_STRUCT
KERNEL_ONLY+=,STATIC_CONST_CHAR_ARRAY

"$VM_DIR/setup.sh" "clang$CLANG" "lld$CLANG" "llvm$CLANG" || exit
SOURCE=$("$VM_DIR/kernel.sh" source) || exit
# shellcheck disable=SC2046
check "shell" shellcheck -x -P SCRIPTDIR $(scripts)
check "W=1 C=2 on 6.1" compile 6.1
check "W=1 C=2 on 6.12" compile 6.12
check "W=1 C=2 on 7.3" compile debug
check "W=1 on 7.3, by clang" compile clang
# kzalloc_obj() is newer than the oldest kernel to build for.  A table of
# sysctls is written to once in each namespace, so it is not const.
skip=net/wrtcsub/trace.h
check "checkpatch, kernel" style '^(net|include|Kbuild)' \
	--ignore ALLOC_WITH_SIZEOF,CONST_STRUCT
skip=
# The form that all kernel tracepoints have.
check "checkpatch, tracepoints" style '^net/wrtcsub/trace' \
	--ignore OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT
# Types of <link.h> and <dlfcn.h>, and macros that define functions and rows of
# a table.
MACROS='^tools/run/(exec|program|real|stay_tcp)\.c$'
skip=$MACROS
check "checkpatch, programs" style '^(tools|selftests)/' \
	--ignore "$KERNEL_ONLY"
skip=
check "checkpatch, macros" style "$MACROS" --ignore "$KERNEL_ONLY" \
	--ignore CAMELCASE,COMPLEX_MACRO,MACRO_ARG_REUSE,LEADING_SPACE \
	--ignore SPACING,LINE_SPACING
check "coccicheck" coccicheck
check "cppcheck and clang --analyze" analyze
check "kernel-doc" kernel_doc
check "spelling" spelling
check "coverage" selftests/coverage.sh
check "documents" selftests/docs.sh
check "syzkaller" selftests/fuzz/syzkaller/consts.sh check
check "tables of peers" selftests/interop/table.py check
check "manuals" manuals
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
