# SPDX-License-Identifier: GPL-2.0
#
# Reads what analyzers say and prints it, but for what the file false_alarms
# (the variable alarms) has, and that of this file which nothing is like.

BEGIN {
	while ((getline line < alarms) > 0)
		if (line ~ /^\t/)
			known[++total] = substr(line, 2)
}

function source_line(file, number,	line, i)
{
	while (i++ < number && (getline line < file) > 0)
		;
	close(file)
	gsub(/^[ \t]+/, "", line)
	return line
}

function is_known(what,	i, found)
{
	for (i = 1; i <= total; i++) {
		if (what !~ known[i])
			continue
		seen[i] = 1
		found = 1
	}
	return found
}

# What is said next is hidden with what led to it, or told.
function say(what)
{
	if (!hidden)
		printf "%s%s\n", way, what
	way = ""
}

# The way to a file that others include.
/^In file included from / || (way && /^ +from /) {
	way = way $0 "\n"
	next
}

/^[^ ]+:[0-9]+:[0-9]+: [a-z]+: .*\]$/ && !/: note: / {
	split($0, at, ":")
	hidden = is_known(at[1] ": " source_line(at[1], at[2]) " " $NF)
	say($0)
	next
}

# More of the same, and source.
/^ / || /: note: / {
	say($0)
	next
}

{
	hidden = 0
	say($0)
}

END {
	for (i = 1; i <= total; i++)
		if (!(i in seen))
			print "nobody says any more: " known[i]
}
