#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Arguments: TEST...
#
# Runs test programs that print TAP, and prints one TAP of all their tests: the
# result of each, and what those that failed had to say.

for test; do
	echo "@start $(basename "$test" _test)"
	"$test" 2>&1
	echo "@end $?"
done | awk '
function result(good, what)
{
	print (good ? "ok " : "not ok ") ++n " - " what
	if (!good) {
		failed++
		bad++
	}
}

BEGIN			{ print "TAP version 13" }
/^@start/		{ name = $2; plan = seen = bad = 0; next }
/^1\.\.[0-9]+$/		{ plan = substr($0, 4) + 0; next }
/^(not )?ok [0-9]+ /	{
	good = $1 == "ok"
	sub(/^(not )?ok [0-9]+ [a-z_]+\./, "")
	seen++
	result(good, name ": " $0)
	next
}
# One that died has not said so itself.
/^@end/			{
	if (($2 || !plan || seen != plan) && !bad)
		result(0, name ": " seen " of " plan " tests, exit " $2)
	next
}
/^TAP version/		{ next }
/^# +(RUN|OK) /		{ next }
/^# (Starting|PASSED|Totals)/ { next }
			{ sub(/^#? */, "# "); print }
END			{ print "1.." n + 0; exit failed || !n }'
