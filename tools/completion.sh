# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# bash completion for wrtcsub(8).  Commands and options are those that --help
# prints.

_wrtcsub_commands()
{
	wrtcsub --help 2> /dev/null | awk '
		/^Commands:/ { in_list = 1; next }
		!NF { in_list = 0 }
		in_list { print $1 }'
}

_wrtcsub_options()
{
	wrtcsub "$1" --help 2> /dev/null |
		grep -oE '^ +(-., )?--[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+'
}

_wrtcsub_states()
{
	# Not of one association, which is about its sockets.
	if [[ " ${COMP_WORDS[*]}" =~ " assoc "[^0-9=!\<\>] ]]; then
		echo connecting up closing closed all
		return
	fi
	echo established syn-sent fin-wait-1 fin-wait-2 close-wait last-ack \
		closed listening connected synchronized all
}

# The word before that is no operator: such stands behind what it compares.
_wrtcsub_before()
{
	local i=$((COMP_CWORD - 1)) operator='^([!=<>]+|eq|neq?|gt|lt|geq?|leq?)$'

	while [[ ${COMP_WORDS[i]} =~ $operator ]]; do
		i=$((i - 1))
	done
	echo "${COMP_WORDS[i]}"
}

# Of a filter; a colon is a word by itself, with a port behind it.
_wrtcsub_filter()
{
	case $(_wrtcsub_before) in
	state | exclude)
		_wrtcsub_states
		;;
	src | dst)
		compgen -A hostname -- "$1"
		;;
	sport | dport | :)
		compgen -A service -- "$1" | sort -u
		;;
	*)
		echo state exclude src dst sport dport assoc stream uid and or not
		;;
	esac
}

# What may stand behind the words before.
_wrtcsub_words()
{
	case $1 in
	show | kill)
		_wrtcsub_filter "$2"
		;;
	stat)
		wrtcsub stat -H 2> /dev/null | awk '{ print $1 }'
		;;
	connect)
		compgen -A hostname -- "$2"
		;;
	esac
}

# _wrtcsub_behind I: the word behind that option of wrtcsub run, and its value,
# of which the shell makes several where it has a colon.
_wrtcsub_behind()
{
	local i=$(($1 + 1)) value='^(-[nx]*[lot]|--(listen|only|tcp))$'

	if [[ ${COMP_WORDS[$1]} =~ $value ]]; then
		[ "${COMP_WORDS[i]}" != = ] || i=$((i + 1))
		[[ ${COMP_WORDS[i]} =~ ^:+$ ]] || i=$((i + 1))
		while [[ ${COMP_WORDS[i]} =~ ^:+$ ]]; do
			i=$((i + 2))
		done
	fi
	echo "$i"
}

# The word that is the program of wrtcsub run, if it has come to that.
_wrtcsub_program()
{
	local i=2

	while [[ ${COMP_WORDS[i]} = -* ]]; do
		if [ "${COMP_WORDS[i]}" = -- ]; then
			i=$((i + 1))
			break
		fi
		i=$(_wrtcsub_behind "$i")
	done
	[ "$i" -le "$COMP_CWORD" ] && echo "$i"
}

# _wrtcsub_others I: that is a program, with completions of its own.
_wrtcsub_others()
{
	COMPREPLY=()
	if declare -F _command_offset > /dev/null; then
		_command_offset "$1"
	elif [ "$1" -eq "$COMP_CWORD" ]; then
		mapfile -t COMPREPLY < <(compgen -c -- "${COMP_WORDS[$1]}")
	fi
}

_wrtcsub()
{
	local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words
	local program

	if [ "$command" = run ] && program=$(_wrtcsub_program); then
		_wrtcsub_others "$program"
		return
	elif [ "$COMP_CWORD" -eq 1 ]; then
		words=$(_wrtcsub_commands; echo --help --version)
	elif [[ $word = -* ]]; then
		words=$(_wrtcsub_options "$command")
	else
		words=$(_wrtcsub_words "$command" "$word")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

# -o default: names of files where there is nothing better.
complete -o default -F _wrtcsub wrtcsub
