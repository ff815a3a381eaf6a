# SPDX-License-Identifier: GPL-2.0
#
# Counts the results in what the VM's PID 1 wrote.  A program that speaks TAP
# itself counts with each of its tests, another one with its exit status.
# Variables: kernel, skips (file of the skips that are all right), splats
# (number of complaints in the kernel's log), why (the VM died: why).

BEGIN {
	while ((getline line < skips) > 0)
		if (line !~ /^(#|$)/)
			allowed[++nallowed] = line
}

# skips has lines of KERNEL PROGRAM TEST..., each may be a regular expression.
function may_skip(program, test,	i, f)
{
	for (i = 1; i <= nallowed; i++) {
		split(allowed[i], f, " ")
		if (kernel ~ "^(" f[1] ")$" && program ~ "^(" f[2] ")$" &&
		    test ~ f[3])
			return 1
	}
	return 0
}

function fail(what)
{
	failed++
	printf "FAILED %s\n", what
}

function skip(program, test, what)
{
	if (may_skip(program, test)) {
		skipped++
		printf "skipped %s\n", what
	} else {
		fail(what " (a skip that is not expected)")
	}
}

function show(	i)
{
	for (i = 1; i <= nout; i++)
		print "    " out[i]
}

# A program starts.
/^# selftests: / {
	program = $NF
	nout = inner = inner_failed = inner_plan = 0
	next
}

/^1\.\.[0-9]+/ && !plan {
	plan = substr($0, 4) + 0
	next
}

/^# 1\.\.[0-9]+/ {
	inner_plan = substr($2, 4) + 0
	next
}

# A result inside a program.
/^# (not )?ok/ && program != "" {
	inner++
	name = $0
	sub(/^# (not )?ok *[0-9]* *(- *)?/, "", name)
	if (name ~ /# *SKIP/) {
		skip(program, name, program ": " name)
	} else if (name ~ /# *(XFAIL|TODO)/ || $2 == "ok") {
		passed++
	} else {
		inner_failed++
		fail(program ": " name)
		show()
	}
	nout = 0
	next
}

/^# .* took [0-9.]+ s$/ {
	next
}

/^# / {
	out[++nout] = substr($0, 3)
	next
}

# A program, or a check of PID 1, is through.
/^(not )?ok / {
	seen++
	name = $0
	sub(/^(not )?ok *[0-9]* */, "", name)
	if ($1 == "not") {
		if (!inner_failed) {
			fail(name)
			show()
		}
	} else if (inner && inner != inner_plan && inner_plan) {
		fail(name ": " inner " of " inner_plan " planned tests ran")
	} else if (!inner) {
		if (name ~ /# SKIP/) {
			skip(program, "", name)
			show()
		} else {
			passed++
		}
	}
	program = ""
	nout = inner = inner_failed = inner_plan = 0
	next
}

END {
	if (why != "")
		fail(why)
	else if (seen != plan)
		fail(seen " of " plan " planned programs ran")
	if (splats)
		fail("clean kernel log")
	printf "%d passed, %d failed", passed, failed
	printf skipped ? ", %d skipped\n" : "\n", skipped
	exit failed != 0
}
