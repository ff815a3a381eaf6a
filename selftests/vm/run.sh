#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Boots a kernel in QEMU, runs the selftests there and judges the run.

usage()
{
	cat <<-END
	usage: run.sh [-k KERNEL] [-t GLOB]... [-f FILE]... [-T SECONDS] [-v]
	              [-p DIR] [-l SECONDS] [-r DIR] [-m SIZE] [-e NAME=VALUE]...
	              [-x GLOB]... [-n PART/PARTS] [-g] [-c COMMAND | -s]
	  -k  6.1 (default), 6.12, debug or kcsan
	  -t  run only the test programs that match, or one that is no part
	      of the tests by its name; may be repeated
	  -x  leave out the test programs that match, and variants of tests
	      that do
	  -f  put a file of this machine at /files in the VM; may be repeated
	  -T  hard limit for the VM's life (default 1800, debug 5400, kcsan 3600)
	  -p  put the files of DIR among the test programs; DIR/tests names
	      those that are programs
	  -l  limit for each test program, instead of what settings says
	  -r  share DIR, read-only, by 9p with the tag "root"
	  -m  memory (default 1G, debug 2G)
	  -e  set this in the environment of the tests; may be repeated
	  -n  run only this part of the programs, 1/2 or 2/2 for example
	  -g  count what is executed of the module (debug, kcsan), for debug.sh
	  -v  show what the tests print as it comes
	  -c  run a command in the VM instead of the tests
	  -s  open a shell in the VM instead
	QEMU_OPTS in the environment is added to QEMU's command line.
	END
}

. "$(dirname "$0")/lib.sh"
set -e -o pipefail

KERNEL=6.1
COMMAND=
SHELL_WANTED=
VERBOSE=
LIMIT=
TEST_LIMIT=
PART=1/1
GCOV=
PROGRAMS=
SHARED=
MEMORY=
GLOBS=()
WITHOUT=()
FILES=()
ENVIRONMENT=()

while getopts k:t:x:f:T:p:l:r:m:e:n:c:gsvh opt; do
	case $opt in
	k) KERNEL=$OPTARG ;;
	t) GLOBS+=("$OPTARG") ;;
	x) WITHOUT+=("$OPTARG") ;;
	f) FILES+=("$OPTARG") ;;
	T) LIMIT=$OPTARG ;;
	p) PROGRAMS=$OPTARG ;;
	l) TEST_LIMIT=$OPTARG ;;
	r) SHARED=$OPTARG ;;
	m) MEMORY=$OPTARG ;;
	e) ENVIRONMENT+=("env $OPTARG") ;;
	n) PART=$OPTARG ;;
	g) GCOV=.gcov ;;
	c) COMMAND=$OPTARG ;;
	s) SHELL_WANTED=1 ;;
	v) VERBOSE=1 ;;
	h) usage; exit ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 0 ] || { usage >&2; exit 2; }

mkdir -p "$CACHE"
RUN=$(mktemp -d "$CACHE/run.XXXXXX")
LOG=$BUILD/log/$KERNEL$GCOV
[ "$PART" = 1/1 ] || LOG+=.${PART%/*}of${PART#*/}
QEMU_PID=
TAIL_PID=

# Only what this run started, by its number.
# shellcheck disable=SC2317
cleanup()
{
	[ -z "$QEMU_PID" ] || kill -KILL "$QEMU_PID" 2>/dev/null || true
	[ -z "$TAIL_PID" ] || kill "$TAIL_PID" 2>/dev/null || true
	[ -e "$RUN/log" ] || save_log
	rm -rf "$RUN"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP PIPE

# qemu ARGS...: the machine, all but its acceleration and console.
qemu()
{
	local share=()

	[ -z "$SHARED" ] || share=(-virtfs
		"local,path=$SHARED,mount_tag=root,security_model=none,readonly=on,multidevs=remap")
	# shellcheck disable=SC2086
	exec "${QEMU[@]}" -nodefaults -no-user-config -display none \
		-no-reboot -smp 2 -m "$MEMORY" -kernel "$KDIR/vmlinuz" \
		"${share[@]}" "$@" $QEMU_OPTS
}

# KVM's device can be there and not work. So boot to PID 1 with it once, and
# remember the answer, kvm or tcg, until the host boots again.
accel()
{
	local boot_id cache=$CACHE/accelerator answer

	boot_id=$(cat /proc/sys/kernel/random/boot_id)
	if [ "$(head -n 1 "$cache" 2>/dev/null)" != "$boot_id" ]; then
		answer=tcg
		if [ -w /dev/kvm ] && try_kvm; then
			answer=kvm
		fi
		printf '%s\n' "$boot_id" "$answer" > "$cache"
	fi
	sed -n 2p "$cache"
}

try_kvm()
{
	local out=$RUN/kvm

	say "trying KVM"
	: > "$out"
	(exec > "$out.log" 2>&1
	 qemu -accel kvm -cpu host -initrd "$RUN/initrd.base" \
		-append "quiet panic=-1 $CMDLINE" \
		-chardev null,id=c -serial chardev:c -serial "file:$out") &
	QEMU_PID=$!
	for _ in {1..100}; do
		sleep 0.1
		kill -0 "$QEMU_PID" 2>/dev/null || break
	done
	kill -KILL "$QEMU_PID" 2>/dev/null || true
	wait "$QEMU_PID" 2>/dev/null || true
	QEMU_PID=
	grep -q 'VM: end' "$out"
}

# Those that are no part of the tests, if they are named.
named_tests()
{
	local glob

	for glob in "${GLOBS[@]}"; do
		[ ! -f "$RUN/initramfs/selftests/net/wrtcsub/$glob" ] ||
			grep -qxE "$glob(\.sh)?" "$RUN/tests" || echo "$glob"
	done
}

# matches NAME GLOB...: with or without its .sh
matches()
{
	local name=$1 glob

	shift
	for glob; do
		# shellcheck disable=SC2254
		case $name in
		$glob | $glob.sh) return ;;
		esac
	done
	return 1
}

# The harness leaves out a variant by its name.
without_variants()
{
	local name

	grep -rhoP '^FIXTURE_VARIANT_ADD\(\w+, *\K\w+' "$TOP/selftests" |
		sort -u | while read -r name; do
		! matches "$name" "${WITHOUT[@]}" || echo "without $name"
	done
}

select_tests()
{
	local name

	{ cat "$RUN/tests"; named_tests; } | while read -r name; do
		if matches "$name" "${GLOBS[@]-*}" &&
				! matches "$name" "${WITHOUT[@]}"; then
			echo "test $name"
		fi
	done | awk -v part="${PART%/*}" -v parts="${PART#*/}" \
		'NR % parts == part % parts'
}

# What has been counted, each line with the name of its file; of the module, not
# of its unit tests.
# shellcheck disable=SC2016
GCOV_DUMP='cd /sys/kernel/debug/gcov || exit
find . -name "*.gcda" ! -path "*/tests/*" | while read -r f
do base64 "$f" | sed "s,^,gcov ${f##*/} ,"; done'
GCOV_DUMP=${GCOV_DUMP//$'\n'/; }

prepare()
{
	local dir=$RUN/initramfs file

	mkdir -p "$dir/vm" "$dir/files" "$dir/updates"
	KDIR=$("$VM_DIR/kernel.sh" "$KERNEL")
	"$VM_DIR/build.sh" "module$GCOV" "$KERNEL" "$dir/updates"
	"$VM_DIR/build.sh" user "$dir" > "$RUN/tests"
	for file in "${FILES[@]}"; do
		cp -L "$file" "$dir/files"
	done
	if [ -n "$PROGRAMS" ]; then
		cp -r "$PROGRAMS/." "$dir/selftests/net/wrtcsub"
		cat "$PROGRAMS/tests" >> "$RUN/tests"
	fi
	{
		echo "module wrtcsub"
		echo "env KSFT_MACHINE_SLOW=1"
		[ -z "$TEST_LIMIT" ] || echo "limit $TEST_LIMIT"
		[ -z "${ENVIRONMENT[*]}" ] || printf '%s\n' "${ENVIRONMENT[@]}"
		case $KERNEL in
		debug)
			echo "env WRTCSUB_DEBUG_KERNEL=1"
			echo "slow 8"
			;;
		kcsan)
			echo "env WRTCSUB_DEBUG_KERNEL=1"
			echo "slow 6"
			;;
		esac
		if [ -n "$SHELL_WANTED" ]; then
			echo "shell"
		elif [ -n "$COMMAND" ]; then
			echo "run ${COMMAND//$'\n'/; }"
		else
			without_variants
			select_tests
		fi
		[ -z "$GCOV" ] || echo "run $GCOV_DUMP"
	} > "$dir/vm/job"
	[ -n "$SHELL_WANTED$COMMAND" ] || grep -q '^test' "$dir/vm/job" ||
		die "no test matches"
	"$VM_DIR/initramfs.sh" "$KERNEL" "$dir" "$RUN/initrd"
}

# Follow the results while the VM runs.
follow()
{
	local stamp='s/^\[[^]]*\] //' filter=(-n -e '/^(not )?ok /p')

	[ -z "$VERBOSE" ] || filter=()
	[ -z "$COMMAND" ] || filter=(-n -e 's/^# //p')
	tail -n +1 -f --pid="$QEMU_PID" "$RUN/tap" 2>/dev/null |
		sed -u -E "$stamp" | sed -u -E "${filter[@]-}"
}

# The console and the results in one, by their time stamps.
merge()
{
	awk '
	match($0, /^\[ *[0-9]+\.[0-9]+\]/) {
		stamp = substr($0, 2, RLENGTH - 2) + 0
	}
	{ printf "%.6f\t%s\n", stamp, $0 }' "$1" |
	sort -m -s -n -t "$(printf '\t')" -k 1,1 - <(
		awk '{ printf "%.6f\t%s\n", substr($0, 2, 13), $0 }' "$2") |
	cut -f 2-
}

# Keep the logs, also those of a run that was stopped.
save_log()
{
	[ -s "$RUN/console" ] || return 0
	tr -d '\r' < "$RUN/console" > "$RUN/console.text"
	merge "$RUN/console.text" "$RUN/tap" > "$RUN/log"
	mkdir -p "$LOG"
	cp "$RUN/console.text" "$LOG/console"
	cp "$RUN/tap" "$RUN/log" "$LOG"
}

# What must not be in the kernel's log. Backtraces as such are not listed: a
# test may inject faults, which print them.
SPLAT='WARNING: |BUG: |BUG |Oops|Kernel panic|general protection fault'
SPLAT+='|cut here|INFO: task |INFO: rcu|rcu: .*(stall|self-detected)'
SPLAT+='|possible .*(deadlock|recursive locking|circular|inversion)'
SPLAT+='|suspicious RCU|inconsistent lock state|invalid wait context'
SPLAT+='|trying to register non-static key'
SPLAT+='|turning off the locking correctness validator'
SPLAT+='|bad unlock balance|held lock freed|lock held when returning'
SPLAT+='|ref_tracker|refcount_t|UBSAN|KASAN|KFENCE|KMSAN'
SPLAT+='|kmemleak: .*(new suspected|disabled)|ODEBUG|scheduling while atomic'
SPLAT+='|sleeping function called|unregister_netdevice: waiting|soft lockup'
SPLAT+='|hard LOCKUP|workqueue lockup|(list|slab).*corruption'
SPLAT+='|still has objects|Objects remaining|unable to handle|double fault'
SPLAT+='|nobody cared|sysctl table check failed|Attempted to kill init'
# What says so but is nothing: kmemleak and KASAN announcing themselves, and a
# device that got the address, and so the name in debugfs, of one that is gone and
# whose name a work has not removed yet.
HARMLESS='kmemleak: (Kernel memory leak detector init|Automatic|Object count)'
HARMLESS+='|KernelAddressSanitizer|Spectre V2 : WARNING'
HARMLESS+="|debugfs: 'netdev@[0-9a-f]+' already exists in 'ref_tracker'"

judge()
{
	local tap=$RUN/tap.plain rc=0

	sed -E 's/^\[[^]]*\] //' "$RUN/tap" > "$tap"
	grep -E "$SPLAT" "$RUN/console.text" | grep -vE "$HARMLESS" \
		> "$RUN/splats" || true
	awk -v kernel="$KERNEL" -v skips="$VM_DIR/skips" \
	    -v splats="$(wc -l < "$RUN/splats")" -v why="$WHY" \
	    -f "$VM_DIR/tap.awk" "$tap" > "$RUN/verdict" || rc=1
	cat "$RUN/verdict"
	if [ -s "$RUN/splats" ]; then
		say "the kernel's log is not clean:"
		sed 's/^/    /' "$RUN/splats" >&2
	fi
	return $rc
}

case $KERNEL in
debug) : "${MEMORY:=2G}" "${LIMIT:=5400}" ;;
kcsan) : "${MEMORY:=1G}" "${LIMIT:=3600}" ;;
*) : "${MEMORY:=1G}" "${LIMIT:=1800}" ;;
esac
CMDLINE="console=ttyS0,115200 oops=panic mitigations=off audit=0"
CMDLINE+=" watchdog_thresh=30 rcupdate.rcu_cpu_stall_timeout=60"
CMDLINE+=" sysctl.kernel.hung_task_timeout_secs=60 log_buf_len=4M"
# SLUB gives up a cache that it could not put into sysfs, for want of memory for
# a name that others share, with a kobject that it has not made.
[ "$KERNEL" != kcsan ] || CMDLINE+=" slab_nomerge"
# An emulator that is held up for a moment has a timer that seems not to work.
CMDLINE+=" no_timer_check"
if [ "$KERNEL" = debug ]; then
	# Slabs under debug have no sheaves. Those keep stale pointers to what
	# was allocated from them, and kmemleak takes these for references.
	CMDLINE+=" slab_debug=F"
	# Not every compiler lets KASAN check memcpy() and its like; red zones
	# show what these have written behind an object.
	CMDLINE+="Z"
fi

mapfile -t QEMU < <("$VM_DIR/qemu.sh")
[ ${#QEMU[@]} -gt 0 ] || die "no QEMU"
prepare
case $(accel) in
kvm)
	ACCEL=(-accel kvm -cpu host)
	;;
tcg)
	# Copies by "rep movsb" are what a CPU with ERMS or FSRM does best; they
	# are translated to a loop of single bytes.
	ACCEL=(-accel "tcg,thread=multi"
		-cpu "max,la57=off,-erms,-fsrm")
	;;
esac

if [ -n "$SHELL_WANTED" ]; then
	say "exit the shell to power off; Ctrl-A X kills the VM"
	(qemu "${ACCEL[@]}" -initrd "$RUN/initrd" \
		-append "loglevel=4 panic=-1 $CMDLINE" \
		-serial mon:stdio -serial null)
	exit
fi

: > "$RUN/tap"
: > "$RUN/console"
(qemu "${ACCEL[@]}" -initrd "$RUN/initrd" \
	-append "loglevel=7 panic=-1 $CMDLINE" \
	-serial "file:$RUN/console" -serial "file:$RUN/tap") \
	> "$RUN/qemu.log" 2>&1 < /dev/null &
QEMU_PID=$!
follow &
TAIL_PID=$!

WHY=
END=$((SECONDS + LIMIT))
while kill -0 "$QEMU_PID" 2>/dev/null; do
	if [ $SECONDS -ge $END ]; then
		WHY="the VM was stopped after $LIMIT seconds"
		kill -KILL "$QEMU_PID" 2>/dev/null || true
		break
	fi
	sleep 0.1
done
wait "$QEMU_PID" 2>/dev/null || true
QEMU_PID=
wait "$TAIL_PID" 2>/dev/null || true
TAIL_PID=
[ -n "$WHY" ] || grep -q 'VM: end' "$RUN/tap" ||
	WHY="the VM ended before its job: $(tail -n 3 "$RUN/qemu.log")"

save_log

rc=0
judge || rc=1
if [ $rc -ne 0 ]; then
	echo "---- console of Linux $KERNEL"
	# The boot itself is of interest only if nothing came after it.
	awk '/VM: start/ { p = 1 } p' "$RUN/log" | tail -n 400
	grep -q 'VM: start' "$RUN/log" || tail -n 100 "$RUN/log"
	echo "---- the whole of it: $LOG/log"
	tail -n 1 "$RUN/verdict"
fi
exit $rc
