# SPDX-License-Identifier: GPL-2.0
#
# The tables of "States" in wrtcsub.rst, as text: a line "HALF STATE EVENT NEXT"
# for each event of a row, as rows.c prints them of the module.  It fails if it
# does not know what a row says.

BEGIN {
	name["shutdown(SHUT_WR) or close"] = "SHUT_WR"
	name["all is handed over"] = "DRAINED"
	name["at once"] = "DRAINED"
	name["FIN_ACK"] = "FIN_ACK"
	name["the timer; or closed, and given up"] = "TIMER GIVE_UP"
	name["STOP_SENDING"] = "STOP_SENDING"
	name["FIN"] = "FIN"
	name["shutdown(SHUT_RD) or close"] = "SHUT_RD"
	name["closed, and given up"] = "GIVE_UP"
	name["RESET_STREAM sent by WRTCSUB_OVERFLOW_RESET"] = "OVERFLOW"
	name["RESET_STREAM, sent or received, or no channel any more"] = \
		"RESET_STREAM ABORT OVERFLOW LOST"
}

function wrong(what)
{
	print FILENAME ": " what > "/dev/stderr"
	failed = 1
	exit 1
}

# What a column of this line has.
function cell(column,	text)
{
	text = substr($0, at[column], width[column])
	gsub(/^ +| +$/, "", text)
	return text
}

# A row is over.
function row(	events, count, i)
{
	if (!state)
		return
	if (event == "likewise")
		event = before
	before = event
	if (!(event in name))
		wrong("what is \"" event "\"?")
	states[state]
	states[to]
	count = split(name[event], events, " ")
	for (i = 1; i <= count; i++)
		rows[++nr] = state " " events[i] " " to
	state = ""
}

# A table is over: "any" stands for the states that it has, but for the one that
# a row leads to.
function table(	i, part, other)
{
	row()
	for (i = 1; i <= nr; i++) {
		split(rows[i], part, " ")
		if (part[1] != "any") {
			print half, rows[i]
			continue
		}
		for (other in states)
			if (other != "any" && other != part[3])
				print half, other, part[2], part[3]
	}
	printed += nr
	nr = 0
	delete states
	half = ""
}

/^The sending half$/	{ half = "tx"; lines = 0; next }
/^The receiving half$/	{ half = "rx"; lines = 0; next }
!half			{ next }

# Above and below the heading, and at the end of the table.
/^===/ {
	if (++lines == 3)
		table()
	for (i = 1; i <= NF; i++) {
		at[i] = i == 1 ? 1 : at[i - 1] + width[i - 1] + 2
		width[i] = length($i)
	}
	next
}

lines == 2 && cell(1) {
	row()
	state = cell(1)
	event = cell(2)
	to = cell(3)
	next
}

lines == 2 && cell(2)	{ event = event " " cell(2) }

END {
	if (!failed && !printed)
		wrong("there are no tables of states")
	exit failed
}
