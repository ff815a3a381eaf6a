// SPDX-License-Identifier: GPL-2.0
/* The network under the tests: what is seen of it, and what is done to it. */

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net.h"
#include "util.h"

/* A packet whose first chunk is RE-CONFIG, ABORT, SHUTDOWN or COOKIE ACK, and
 * the first parameter of that of RE-CONFIG.
 */
#define NFT_RECONF	"meta l4proto sctp @th,96,8 130"
#define NFT_ABORT	"meta l4proto sctp @th,96,8 6"
#define NFT_SHUTDOWN	"meta l4proto sctp @th,96,8 7"
#define NFT_COOKIE_ACK	"meta l4proto sctp @th,96,8 11"
#define NFT_RESPONSE	"@th,128,16 16"
/* Of a DATA chunk, as the first one and behind a SACK: its length. */
#define NFT_DATA	"@th,96,8 0 @th,112,16"
#define NFT_SACK_DATA	"@th,96,8 3 @th,224,8 0 @th,240,16"
#define DATA_HEAD	16

/* Run a command. Return: 0, or -1 and the command is printed. */
int shell(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (!system(command))
		return 0;
	fprintf(stderr, "# failed: %s\n", command);
	return -1;
}

/* Run a program with words that blanks separate.  There is no shell, to start
 * which takes as long as most programs that are run here.
 * Return: 0, or -1 and the command is printed.
 */
int run(const char *format, ...)
{
	char command[1024], words[1024], *argv[128], *word, *rest = words;
	int argc = 0, status = -1;
	va_list args;
	pid_t pid;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	snprintf(words, sizeof(words), "%s", command);
	while (argc < 127 && (word = strsep(&rest, " ")))
		if (*word)
			argv[argc++] = word;
	argv[argc] = NULL;
	if (argc && !posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) &&
	    waitpid(pid, &status, 0) == pid && !status)
		return 0;
	fprintf(stderr, "# failed: %s\n", command);
	return -1;
}

static long find_counter(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	long value, found = -1;
	char key[64];

	if (!file)
		return -1;
	while (found < 0 && fscanf(file, "%63s %ld", key, &value) == 2)
		if (!strcmp(key, name))
			found = value;
	fclose(file);
	return found;
}

/* A counter of the module, in this namespace; -1 if there is none. */
long netns_counter(const char *name)
{
	return find_counter("/proc/thread-self/net/wrtcsub_stat", name);
}

/* A counter of SCTP's. */
long netns_sctp_counter(const char *name)
{
	return find_counter("/proc/thread-self/net/sctp/snmp", name);
}

/* Make a namespace with lo up, and enter it. Return: a descriptor of it. */
int ns_new(void)
{
	if (netns_private())
		return -1;
	return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

int ns_enter(int ns)
{
	return setns(ns, CLONE_NEWNET);
}

/* A link between two namespaces, which is up at both ends. */
int ns_link(int ns, const char *name, int to, const char *peer)
{
	return ns_enter(ns) ?:
	       run("ip link add %s type veth peer name %s netns /proc/%d/fd/%d",
		   name, peer, getpid(), to) ?:
	       link_set_up(name, true) ?:
	       ns_enter(to) ?: link_set_up(peer, true);
}

int ns_address(int ns, const char *link, const char *address)
{
	return ns_enter(ns) ?:
	       run("ip addr replace %s dev %s %s", address, link,
		   strchr(address, ':') ? "nodad" : "");
}

/* The end of a path is seen after some tenths of a second. */
int ns_watch_paths(int ns)
{
	return ns_enter(ns) ?:
	       netns_sysctl("net/sctp/rto_min", 100) ?:
	       netns_sysctl("net/sctp/rto_initial", 100) ?:
	       netns_sysctl("net/sctp/rto_max", 200) ?:
	       netns_sysctl("net/sctp/path_max_retrans", 2) ?:
	       netns_sysctl("net/sctp/hb_interval", 200);
}

/* A virtual link computes no checksums, and packets go over it many at a time.
 * Now what is lost or broken is what SCTP sends: packets that fit the MTU, each
 * with its CRC32c.
 */
int link_without_offload(const char *name, int mtu)
{
	struct ethtool_value off = { .cmd = ETHTOOL_STXCSUM };
	struct ifreq ifr = { .ifr_data = (void *)&off };
	int fd, ret;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	ret = ioctl(fd, SIOCETHTOOL, &ifr);
	close(fd);
	return ret ?: run("ip link set %s mtu %d gso_max_size %d", name, mtu,
			  mtu);
}

/* name is that of sysctl(8), with slashes. */
/* A file that has a number. */
long read_long(const char *path)
{
	FILE *file = fopen(path, "re");
	long value = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%ld", &value) != 1)
		value = -1;
	fclose(file);
	return value;
}

long netns_get_sysctl(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	return read_long(path);
}

static int drop_inbound(const char *what)
{
	return run("nft add table inet lose ; "
		   "add chain inet lose in " NFT_HOOK("input") " ; "
		   "add rule inet lose in %s counter drop", what);
}

int repeat_soon(void)
{
	return netns_sysctl("net/sctp/rto_min", 100) ?:
	       netns_sysctl("net/sctp/rto_initial", 100) ?:
	       netns_sysctl("net/sctp/rto_max", 300) ?:
	       netns_sysctl("net/sctp/max_init_retransmits", 100) ?:
	       netns_sysctl("net/sctp/association_max_retrans", 1000);
}

int lose_aborts(int port)
{
	char what[128];

	snprintf(what, sizeof(what), NFT_ABORT " sctp dport %d", port);
	return drop_inbound(what);
}

int lose_answers(int port)
{
	char what[128];

	snprintf(what, sizeof(what), NFT_RECONF " " NFT_RESPONSE
		 " sctp dport %d", port);
	return drop_inbound(what);
}

int lose_requests(void)
{
	return drop_inbound(NFT_RECONF);
}

int lose_cookie_acks(void)
{
	return drop_inbound(NFT_COOKIE_ACK);
}

int lose_shutdowns(void)
{
	return drop_inbound(NFT_SHUTDOWN);
}

int lose_all(int port)
{
	char what[128];

	snprintf(what, sizeof(what), "sctp dport %d", port);
	return drop_inbound(what);
}

int lose_message(int port, int len)
{
	char what[128];

	snprintf(what, sizeof(what), "sctp dport %d " NFT_DATA " %d", port,
		 DATA_HEAD + len);
	if (drop_inbound(what))
		return -1;
	snprintf(what, sizeof(what), "sctp dport %d " NFT_SACK_DATA " %d", port,
		 DATA_HEAD + len);
	return drop_inbound(what);
}

int lose_nothing(void)
{
	return run("nft delete table inet lose");
}

bool lost_any(void)
{
	return !system("nft list table inet lose | grep -q 'packets [1-9]'");
}
