# SPDX-License-Identifier: GPL-2.0
#
# What the documents name as tests, in the way COVERAGE does: a program, and a
# test of it.  A word behind a program is a test if it has an underscore, or if
# both are in parentheses.

function words(text,    n, i, word, inside, program)
{
	n = split(text, word, /[ \t]+/)
	for (i = 1; i <= n; i++) {
		if (match(word[i], /^\(?[a-z0-9_]+\.(c|sh)/)) {
			inside = word[i] ~ /^\(/
			program = substr(word[i], 1 + inside, RLENGTH - inside)
			text = substr(word[i], RLENGTH + 1)
		} else if (program != "" && match(word[i], /^[a-z0-9_]+/) &&
			   (inside || word[i] ~ /^[a-z0-9]+_/)) {
			print "\t" program " " substr(word[i], 1, RLENGTH)
			text = substr(word[i], RLENGTH + 1)
		} else {
			program = ""
			continue
		}
		# More of them may follow, but not behind the end of a clause.
		if (text != "" && text != ",")
			program = ""
	}
}

function end_table(    i)
{
	for (i = 1; i <= columns; i++) {
		words(column[i])
		column[i] = ""
	}
	columns = 0
}

# Where the columns of a table begin.
/^=+( +=+)+$/ {
	end_table()
	for (at = 1; match(substr($0, at), /=+/); at += RSTART + RLENGTH - 1)
		begin[++columns] = at + RSTART - 1
	begin[columns + 1] = 1000
	next
}

/^$/ { end_table() }

columns {
	for (i = 1; i <= columns; i++)
		column[i] = column[i] " " \
			    substr($0, begin[i], begin[i + 1] - begin[i])
	next
}

{ prose = prose " " $0 }

END { words(prose) }
