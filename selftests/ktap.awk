# SPDX-License-Identifier: GPL-2.0
#
# Reads the KTAP of suites, as KUnit prints it and one after the other, and
# prints one flat TAP with the result of each test, and what those that failed
# had to say.  A line "@exit N" is the exit status of a program that printed
# what came before.

function result(good, what)
{
	print (good ? "ok " : "not ok ") ++n " - " what
	if (!good) {
		printf "%s", said
		failed++
	}
	said = ""
}

# A suite, or a program, that did not get to its end has not said so itself.
function check_plan(what)
{
	if (plan != seen)
		result(0, what ": " seen " of " plan " planned tests ran")
	plan = seen = 0
}

BEGIN {
	print "TAP version 13"
}

/^ *# Subtest: / {
	check_plan(suite)
	suite = $NF
	sub(/^wrtcsub_/, "", suite)
	next
}

/^1\.\./ {
	suites += substr($0, 4)
	next
}

/^ +1\.\./ {
	sub(/^ +1\.\./, "")
	plan = $0 + 0
	next
}

/^ +(not )?ok [0-9]+ / {
	good = $1 == "ok"
	sub(/^ +(not )?ok [0-9]+ (- )?/, "")
	seen++
	result(good, suite ": " $0)
	next
}

/^(not )?ok [0-9]+ / {
	check_plan(suite)
	suites--
	if ($1 == "not" && !failed)
		result(0, suite)
	next
}

/^@exit / {
	check_plan(suite)
	if (suites || $2 && !failed)
		result(0, suite ": exit " $2 ", " suites " suites left to run")
	suites = 0
	next
}

/^ *KTAP version/ || /^ *# module: / || /^# .*(pass:[0-9]+ fail:|Totals:)/ {
	next
}

{
	sub(/^ *(# )?/, "# ")
	said = said $0 "\n"
}

END {
	check_plan(suite)
	if (suites)
		result(0, suites " suites did not run")
	print "1.." n + 0
	exit failed || !n
}
