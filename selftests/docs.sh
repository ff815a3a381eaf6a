#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Does all exist that the documents name?  Commands of the tool, its options,
# sysctls, counters, options of sockets, files of the tree, and tests.

cd "$(dirname "$0")/.." || exit
NETWORKING=(Documentation/networking/*.rst)
wrong=0

# each PATTERN: what matches in the documents, once.
each()
{
	grep -ohP "$1" "${NETWORKING[@]}" README.md | sort -u
}

missing()
{
	echo "the documents name $1, which there is not"
	wrong=1
}

# shellcheck disable=SC2016
for name in $(each '``wrtcsub \K[a-z]+'); do
	grep -q "\"$name\"" tools/wrtcsub.c || missing "wrtcsub $name"
done
# shellcheck disable=SC2016
while read -r name options; do
	case $name in
	show | kill) file=tools/view.c ;;
	listen | connect) file=tools/options.c ;;
	*) file=tools/$name.c ;;
	esac
	while read -r letter; do
		grep -q "'$letter'" "$file" || missing "wrtcsub $name -$letter"
	done < <(grep -oP ' -\K[a-zA-Z]+' <<< " $options" | grep -o .)
done < <(each '``wrtcsub \K[a-z]+( assoc)?( -[^`]*)(?=``)')
for name in $(each 'net\.wrtcsub\.\K[a-z_]+'); do
	grep -q "SYSCTL.*($name," net/wrtcsub/sysctl.c ||
		missing "net.wrtcsub.$name"
done
for name in $(each '\bWRTCSUB_[A-Z_]+\b'); do
	grep -qrw "$name" include/uapi net/wrtcsub || missing "$name"
done
for name in $(each '\b(Assocs|OpenRefused|Rx|Tx|Fin|Resets)[A-Z][A-Za-z]+'); do
	grep -q "\"$name\"" net/wrtcsub/mib.c || missing "$name"
done
for name in $(each '\b[a-z_]+\.(c|sh)\b'); do
	[ -n "$(git ls-files "*/$name" "$name")" ] || missing "$name"
done
selftests/coverage.sh <(awk -f selftests/docs.awk "${NETWORKING[@]}" README.md) \
	"the documents" || wrong=1
exit $wrong
