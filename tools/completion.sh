# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# bash completion for wrtcsub(8).  Commands and options are those that --help
# prints.

_wrtcsub_commands()
{
	wrtcsub --help | awk '
		/^Commands:/ { in_list = 1; next }
		!NF { in_list = 0 }
		in_list { print $1 }'
}

_wrtcsub_options()
{
	wrtcsub "$1" --help | grep -oE '^ +(-., )?--[a-z-]+' |
		grep -oE -- '--[a-z-]+'
}

_wrtcsub_states()
{
	if [[ " ${COMP_WORDS[*]} " = *" assoc "* ]]; then
		echo connecting up closing closed all
		return
	fi
	echo established syn-sent fin-wait-1 fin-wait-2 close-wait last-ack \
		closed listening connected synchronized all
}

# What may stand behind the word before.
_wrtcsub_words()
{
	case $1,$2 in
	show,state | kill,state)
		_wrtcsub_states
		;;
	show,* | kill,*)
		echo state src dst sport dport assoc stream uid
		;;
	connect,*)
		compgen -A hostname -- "$3"
		;;
	esac
}

_wrtcsub()
{
	local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words

	if [ "$COMP_CWORD" -eq 1 ]; then
		words=$(_wrtcsub_commands; echo --help --version)
	elif [[ $word = -* ]]; then
		words=$(_wrtcsub_options "$command")
	else
		words=$(_wrtcsub_words "$command" \
			"${COMP_WORDS[COMP_CWORD - 1]}" "$word")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

# -o default: names of files where there is nothing better.
complete -o default -F _wrtcsub wrtcsub
