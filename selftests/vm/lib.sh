# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Shared by the scripts of this directory: where things are kept, and how
# Debian packages are fetched without touching the system's own apt state.

VM_DIR=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
TOP=$(readlink -f "$VM_DIR/../..")
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/wrtcsub
# Two clones of the tree share kernels, not what is built of themselves.
BUILD=$CACHE/build/$(echo "$TOP" | sha256sum | cut -c1-8)
# Tools such as depmod live in sbin, which is not in every user's PATH.
PATH=$PATH:/usr/sbin:/sbin
# As in make LLVM=-19: the newest of Debian 12; the newest kernel asks for 17.
CLANG=-19
export TOP CACHE BUILD VM_DIR PATH CLANG LC_ALL=C

say()
{
	echo "vm: $*" >&2
}

die()
{
	say "$*"
	exit 1
}

# With set -e, say what it was that failed.
set -E
trap 'say "$0: line $LINENO: failed: $BASH_COMMAND"' ERR

# Serialise work on one cache entry; locks also go when the caller exits.
declare -A LOCK_FD
lock()
{
	local fd

	mkdir -p "$CACHE/lock"
	exec {fd}> "$CACHE/lock/$1"
	flock -n "$fd" || { say "waiting for another $1"; flock "$fd"; }
	LOCK_FD[$1]=$fd
}

unlock()
{
	eval "exec ${LOCK_FD[$1]}>&-"
}

# Write the machine's own Debian sources to $2, with the suite changed to $1,
# for binary packages or for sources: $3 is deb or deb-src.
# A suite with a dash (backports) exists only in the main archive; for a
# release the updates and security suites come along.
_apt_sources()
{
	local suite=$1 dir=$2 type=$3 host f

	host=$(. /etc/os-release && echo "$VERSION_CODENAME")
	rm -rf "$dir"
	mkdir -p "$dir"
	for f in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
		[ -f "$f" ] || continue
		case $f in
		*.sources)
			awk -v RS= -v ORS='\n\n' -v host="$host" \
			    -v want="$suite" -v type="$type" '
			/\nEnabled: *no/ || !/(^|\n)Suites:/ { next }
			{
				match($0, /(^|\n)Suites:[^\n]*/)
				s = substr($0, RSTART, RLENGTH)
				sub(/^\n?Suites:/, "", s)
				s = s " "
				gsub(/[ \t]+/, " ", s)
				if (want ~ /-/) {
					if (!index(s, " " host " "))
						next
					s = " " want
				} else {
					if (!index(s, " " host))
						next
					gsub(" " host, " " want, s)
				}
				sub(/(^|\n)Suites:[^\n]*/, "\nSuites:" s)
				sub(/^\n/, "")
				sub(/(^|\n)Types:[^\n]*/, "\nTypes: " type)
				sub(/^\n/, "")
				print
			}' "$f" > "$dir/$(basename "$f")"
			;;
		*.list)
			awk -v host="$host" -v want="$suite" -v type="$type" '
			$1 != "deb" { next }
			{
				$1 = type
				i = 2
				if ($2 ~ /^\[/)
					while ($(i++) !~ /\]$/)
						;
				i++
				if (want ~ /-/) {
					if ($i != host)
						next
					$i = want
				} else if (!sub("^" host, want, $i)) {
					next
				}
				print
			}' "$f" > "$dir/$(basename "$f")"
			;;
		esac
	done
	find "$dir" -type f -empty -delete
	[ -n "$(ls "$dir")" ] ||
		die "no Debian source for '$host' in this machine's apt sources"
}

# apt_use SUITE [deb-src]: an apt of our own for that suite; sets APT_CONF.
apt_use()
{
	local dir=$CACHE/apt/$1${2:+-source}

	APT_CONF=$dir/apt.conf
	mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial"
	_apt_sources "$1" "$dir/sources.list.d" "${2:-deb}"
	cat > "$APT_CONF" <<-CONF
		Dir::State "$dir/state";
		Dir::State::status "/var/lib/dpkg/status";
		Dir::Cache "$dir/cache";
		Dir::Etc::sourcelist "/dev/null";
		Dir::Etc::sourceparts "$dir/sources.list.d";
		APT::Architecture "amd64";
		APT::Sandbox::User "root";
		APT::Get::List-Cleanup "true";
		Acquire::Languages "none";
		Acquire::Retries "3";
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
	CONF
	# A source that has no such suite fails here; what matters is
	# whether the package is found.
	apt-get -c "$APT_CONF" update -qq >&2 || true
}

# apt_names REGEX: names of packages, oldest first.
apt_names()
{
	apt-cache -c "$APT_CONF" pkgnames | grep -E "^$1\$" | sort -V
}

# apt_version PACKAGE: the newest version known.
apt_version()
{
	apt-cache -c "$APT_CONF" madison "$1" | awk '{ print $3 }' |
		sort -V | tail -n 1
}

# apt_unpack DIR PACKAGE...: download the newest version and unpack it.
apt_unpack()
{
	local dir=$1 deb pkg tmp

	shift
	tmp=$(mktemp -d "$CACHE/deb.XXXXXX")
	for pkg; do
		(cd "$tmp" && apt-get -c "$APT_CONF" download -qq \
			"$pkg=$(apt_version "$pkg")" >&2) ||
			die "cannot download $pkg"
	done
	mkdir -p "$dir"
	for deb in "$tmp"/*.deb; do
		dpkg-deb -x "$deb" "$dir" || die "cannot unpack $deb"
	done
	rm -r "$tmp"
}

# apt_source SUITE DIR PACKAGE: download its source, unpacked by nobody.
apt_source()
{
	apt_use "$1" deb-src
	mkdir -p "$2"
	(cd "$2" && apt-get -c "$APT_CONF" source -qq --download-only "$3" >&2)
}

# in_root COMMAND...: in $ROOT, which root.sh made, with a /proc for as long.
in_root()
{
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount -t proc none "$1/proc" &&
			  ln -sfn /proc/self/fd "$1/dev/fd" && exec chroot "$@"' \
		in_root "$ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/root LC_ALL=C.UTF-8 "$@"
}
