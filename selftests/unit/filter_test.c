// SPDX-License-Identifier: GPL-2.0
/* The filters of wrtcsub show and kill: tools/filter.c and its parts. */

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/tcp.h>

#include <kunit/test.h>

#include "filter.h"
#include "message.h"
#include "states.h"

#define LOCAL	(1 << WRTCSUB_DIAG_REQ_LOCAL)
#define PEER	(1 << WRTCSUB_DIAG_REQ_PEER)
#define SPORT	(1 << WRTCSUB_DIAG_REQ_LOCAL_PORT)
#define DPORT	(1 << WRTCSUB_DIAG_REQ_PEER_PORT)
#define STREAM	(1 << WRTCSUB_DIAG_REQ_STREAM)
#define UID	(1 << WRTCSUB_DIAG_REQ_UID)

#define NO_STREAM	-1
#define ROUNDS		20000
#define TEXT_MAX	4096

/* What there is, by number. */
static const struct {
	const char	*local;
	__u16		sport;
	const char	*peer;		/* NULL: none */
	__u16		dport;
	__u32		assoc;
	int		stream;
	__u32		uid;
} sockets[] = {
	{ "10.0.0.1", 4000, "10.0.0.2", 5000, 1, 0, 0 },
	{ "10.0.0.1", 4000, "10.0.0.2", 5000, 1, 2, 0 },
	{ "10.1.0.1", 4001, "10.200.0.2", 80, 2, 1, 1000 },
	{ "2001:db8::1", 4002, "2001:db8:1::2", 5001, 3, 65535, 0 },
	{ "fe80::1", 4003, "fe80::2", 5000, 4, 4, 0 },
	/* A listener, and one that is nothing yet. */
	{ "0.0.0.0", 5000, NULL, 0, 0, NO_STREAM, 0 },
	{ NULL, 0, NULL, 0, 0, NO_STREAM, 1000 },
};

static const unsigned int everyone = (1 << ARRAY_SIZE(sockets)) - 1;

static char said[1024];

/* Instead of tools/message.c. */
void message(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
}

/* Instead of /etc/services. */
struct servent *getservbyname(const char *name, const char *protocol)
{
	static struct servent service;
	bool sctp = !strcmp(protocol, "sctp");

	service.s_port = 0;
	if (!strcmp(name, "both"))
		service.s_port = htons(sctp ? 5000 : 1);
	if (!strcmp(name, "web") && !sctp)
		service.s_port = htons(80);
	return service.s_port ? &service : NULL;
}

/* Knows a name with two addresses, and all that the C library does. */
int getaddrinfo(const char *host, const char *service,
		const struct addrinfo *hints, struct addrinfo **list)
{
	__typeof__(getaddrinfo) *real = dlsym(RTLD_NEXT, "getaddrinfo");
	int ret;

	if (strcmp(host, "two.test") || hints->ai_flags & AI_NUMERICHOST)
		return real(host, service, hints, list);
	ret = real("10.200.0.2", service, hints, list);
	return ret ?: real("2001:db8:1::2", service, hints,
			   &(*list)->ai_next);
}

static void set_end(struct sockaddr_storage *ss, const char *host, __u16 port)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;

	if (!host)
		return;
	if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
		ss->ss_family = AF_INET;
		in->sin_port = htons(port);
		return;
	}
	inet_pton(AF_INET6, host, &in6->sin6_addr);
	ss->ss_family = AF_INET6;
	in6->sin6_port = htons(port);
	if (IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
		in6->sin6_scope_id = 1;
}

static struct socket_entry entry_of(size_t i)
{
	struct socket_entry entry;

	memset(&entry, 0, sizeof(entry));
	set_end(&entry.local, sockets[i].local, sockets[i].sport);
	set_end(&entry.peer, sockets[i].peer, sockets[i].dport);
	entry.msg.wdiag_assoc = sockets[i].assoc;
	entry.msg.wdiag_uid = sockets[i].uid;
	if (sockets[i].stream != NO_STREAM) {
		entry.msg.wdiag_flags = WRTCSUB_INFO_F_CONNECTED;
		entry.msg.wdiag_stream = sockets[i].stream;
	}
	return entry;
}

static bool parse(struct filter *filter, const char *text)
{
	char *args[] = { (char *)text, NULL };

	memset(filter, 0, sizeof(*filter));
	said[0] = '\0';
	return filter_parse(filter, args);
}

/* A bit for each socket that is let through. */
static unsigned int wanted_by(const struct filter *filter)
{
	struct socket_entry entry;
	unsigned int wanted = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sockets); i++) {
		entry = entry_of(i);
		if (filter_wants_socket(filter, &entry))
			wanted |= 1 << i;
	}
	return wanted;
}

static bool has_host(const struct sockaddr_storage *want,
		     const struct sockaddr_storage *ss)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)ss;
	const struct sockaddr_in *in = (const struct sockaddr_in *)ss;

	if (want->ss_family == AF_INET6)
		return ss->ss_family == AF_INET6 &&
		       !memcmp(&((struct sockaddr_in6 *)want)->sin6_addr,
			       &in6->sin6_addr, sizeof(in6->sin6_addr));
	return ss->ss_family != AF_INET6 &&
	       ((struct sockaddr_in *)want)->sin_addr.s_addr ==
	       in->sin_addr.s_addr;
}

/* What net/wrtcsub/diag.c makes of a request. */
static bool kernel_lists(const struct netlink_request *r, size_t i)
{
	struct socket_entry entry = entry_of(i);

	return (!r->req.wdiag_assoc ||
		r->req.wdiag_assoc == sockets[i].assoc) &&
	       (!(r->has & LOCAL) || has_host(&r->local, &entry.local)) &&
	       (!(r->has & PEER) || has_host(&r->peer, &entry.peer)) &&
	       (!(r->has & SPORT) || r->local_port == sockets[i].sport) &&
	       (!(r->has & DPORT) || r->peer_port == sockets[i].dport) &&
	       (!(r->has & STREAM) || r->stream == sockets[i].stream) &&
	       (!(r->has & UID) || r->uid == sockets[i].uid);
}

static unsigned int listed_by(const struct filter *filter)
{
	unsigned int listed = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sockets); i++)
		if (kernel_lists(&filter->request, i))
			listed |= 1 << i;
	return listed;
}

/* "013": the sockets by their numbers. */
static unsigned int bits_of(const char *numbers)
{
	unsigned int bits = 0;

	for (; *numbers; numbers++)
		bits |= 1 << (*numbers - '0');
	return bits;
}

struct meaning {
	const char	*text;
	const char	*numbers;
};

static void check_meanings(struct kunit *test, const struct meaning *m)
{
	struct filter filter;

	for (; m->text; m++) {
		KUNIT_ASSERT_TRUE_MSG(test, parse(&filter, m->text), "%s: %s",
				      m->text, said);
		KUNIT_EXPECT_EQ_MSG(test, wanted_by(&filter),
				    bits_of(m->numbers), "%s", m->text);
		KUNIT_EXPECT_EQ_MSG(test,
				    wanted_by(&filter) & ~listed_by(&filter),
				    0u, "%s", m->text);
		filter_free(&filter);
	}
}

static const struct meaning addresses[] = {
	{ "dst 10.0.0.2", "01" },
	{ "dst 10.0.0.2:5000", "01" },
	{ "dst 10.0.0.2:5001", "" },
	{ "dst 10.0.0.0/8", "012" },
	{ "dst 10/8", "012" },
	{ "dst 10.0.0.3/30", "01" },
	{ "dst 10.0.0.3/31", "01" },
	{ "dst 10.0.0.3/32", "" },
	{ "dst 10.128.0.0/9", "2" },
	{ "dst 10.0.0.0/8:80", "2" },
	{ "dst 10/8:5000", "01" },
	{ "dst 0.0.0.0/0", "012" },
	{ "dst ::/0", "34" },
	{ "dst ::ffff:10.0.0.2", "01" },
	{ "dst [::ffff:10.0.0.2]:5000", "01" },
	{ "dst ::ffff:10.0.0.0/104", "012" },
	{ "dst ::ffff:0:0/96", "012" },
	{ "dst 2001:db8::/32", "3" },
	{ "dst 2001:db8::/47", "3" },
	{ "dst 2001:db8::/48", "" },
	{ "dst 2001:db8::/32:5001", "3" },
	{ "dst 2001:db8::/32:5000", "" },
	{ "dst [2001:db8::/32]:5001", "3" },
	{ "dst [2001:db8::]/32:5001", "3" },
	{ "dst [2001:db8::/32]", "3" },
	{ "dst [2001:db8:1::2]:5001", "3" },
	{ "dst 2001:db8:1::2", "3" },
	{ "dst fe80::2", "4" },
	{ "dst fe80::2%1", "4" },
	{ "dst fe80::2%2", "" },
	{ "dst [fe80::2%1]:5000", "4" },
	{ "dst *", "0123456" },
	{ "dst *:*", "0123456" },
	{ "dst *:5000", "014" },
	{ "dst :5000", "014" },
	{ "dst *:0", "" },
	{ "dst 10.0.0.2:*", "01" },
	{ "dst two.test", "23" },
	{ "dst two.test:80", "2" },
	{ "dst != two.test", "01456" },
	{ "dst :web", "2" },
	{ "dst != 10.0.0.0/8", "3456" },
	{ "dst ne 10.0.0.2:80", "0123456" },
	{ "src 10.0.0.1", "01" },
	{ "src = 10.0.0.1:4000", "01" },
	{ "src == 0.0.0.0", "5" },
	{ "src eq 0.0.0.0/0:5000", "5" },
	{}
};

static void filter_addresses(struct kunit *test)
{
	check_meanings(test, addresses);
}

static const struct meaning numbers[] = {
	{ "dport 5000", "014" },
	{ "dport :5000", "014" },
	{ "dport = :5000", "014" },
	{ "dport=:5000", "014" },
	{ "dport == 5000", "014" },
	{ "dport eq :both", "014" },
	{ "dport web", "2" },
	{ "dport != 5000", "2356" },
	{ "dport ne 5000", "2356" },
	{ "dport neq 5000", "2356" },
	{ "dport > 5000", "3" },
	{ "dport gt 80", "0134" },
	{ "dport < :5000", "2" },
	{ "dport lt 5001", "0124" },
	{ "dport >= 5000", "0134" },
	{ "dport ge 5000", "0134" },
	{ "dport geq 5001", "3" },
	{ "dport <= 5000", "0124" },
	{ "dport le 80", "2" },
	{ "dport leq 79", "" },
	{ "dport 0", "" },
	{ "sport 4001", "2" },
	{ "sport > 4001", "345" },
	{ "assoc 1", "01" },
	{ "assoc = 4", "4" },
	{ "assoc != 1", "23456" },
	{ "assoc ge 2", "234" },
	{ "assoc < 3", "012" },
	{ "stream 0", "0" },
	{ "stream != 0", "123456" },
	{ "stream >= 0", "01234" },
	{ "stream <= 65535", "01234" },
	{ "stream 65535", "3" },
	{ "uid 1000", "26" },
	{ "uid < 1000", "01345" },
	{ "uid 4294967295", "" },
	{}
};

static void filter_numbers(struct kunit *test)
{
	check_meanings(test, numbers);
}

static const struct meaning joined[] = {
	{ "", "0123456" },
	{ "stream 0 dport 5000", "0" },
	{ "stream 0 and dport 5000", "0" },
	{ "stream 0 & dport 5000", "0" },
	{ "stream 0&&dport 5000", "0" },
	{ "stream 0 or stream 2", "01" },
	{ "stream 0 | stream 2", "01" },
	{ "stream 0||stream 2", "01" },
	/* As the manual of ss has it. */
	{ "stream 0 or stream 2 and dport 80", "0" },
	{ "stream 0 and dport 80 or stream 2", "1" },
	{ "(stream 0 or stream 2) and dport 80", "" },
	{ "( stream 0 or stream 1 ) dport 80", "2" },
	{ "not dport 5000", "2356" },
	{ "! dport 5000", "2356" },
	{ "!dport 5000", "2356" },
	{ "not not dport 5000", "014" },
	{ "not dport 5000 and uid 0", "35" },
	{ "not (dport 5000 and uid 0)", "2356" },
	{ "not stream 0 and not stream 2 assoc 1", "" },
	{ "!(stream 0|stream 2)&assoc != 2", "3456" },
	{ "((((stream 0))))", "0" },
	{ "dport 80 dport 5000", "" },
	{ "assoc 1 assoc 2", "" },
	{ "dst 10.0.0.2 dst 10/8", "01" },
	{ "state established (stream 0 or stream 2)", "01" },
	{ "state established and stream 0 or stream 2", "01" },
	{ "stream 0 state established", "0" },
	{ "dport 5000 and state established and stream 2", "1" },
	{ "(stream 0 or stream 2) and state established", "01" },
	{}
};

static void filter_joined(struct kunit *test)
{
	check_meanings(test, joined);
}

static void filter_states(struct kunit *test)
{
	static const unsigned int open = ~(1u << TCP_LISTEN | 1u << TCP_CLOSE);
	static const struct {
		const char	*text;
		unsigned int	states;
	} cases[] = {
		{ "state established", 1 << TCP_ESTABLISHED },
		{ "state = established", 1 << TCP_ESTABLISHED },
		{ "state ESTAB", 1 << TCP_ESTABLISHED },
		{ "state syn-sent state listening",
		  1 << TCP_SYN_SENT | 1 << TCP_LISTEN },
		{ "state syn-sent and dport 1 and state listening",
		  1 << TCP_SYN_SENT | 1 << TCP_LISTEN },
		{ "state connected", open },
		{ "state connected exclude syn-sent",
		  open & ~(1u << TCP_SYN_SENT) },
		{ "state synchronized", open & ~(1u << TCP_SYN_SENT) },
		{ "exclude listening", ~(1u << TCP_LISTEN) },
		{ "excl listening exclude UNCONN", open },
		{ "exclude all", 0 },
		{ "assoc state up", 1 << WRTCSUB_DIAG_ASSOC_UP },
		{ "assoc exclude up", ~(1u << WRTCSUB_DIAG_ASSOC_UP) },
	};
	struct filter filter;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		KUNIT_ASSERT_TRUE_MSG(test, parse(&filter, cases[i].text),
				      "%s: %s", cases[i].text, said);
		KUNIT_EXPECT_EQ_MSG(test, filter.expression.states,
				    cases[i].states, "%s", cases[i].text);
		KUNIT_EXPECT_EQ(test, filter.expression.has_states, true);
		filter_free(&filter);
	}
}

static void filter_mistakes(struct kunit *test)
{
	/* The place is the one in the line below; the reason is told of some. */
	static const char * const cases[][3] = {
		{ "and", "^" },
		{ "dport 1 and", "           ^" },
		{ "dport 1 and or dport 2", "            ^" },
		{ "dport 1 or", "          ^" },
		{ "or dport 1", "^" },
		{ "not", "   ^" },
		{ "()", " ^" },
		{ "(dport 1", "        ^" },
		{ "dport 1)", "       ^" },
		{ "dport", "     ^" },
		{ "dport )", "      ^" },
		{ "dport >= and stream 1", "         ^", "dport: what?" },
		{ "dst or dst 10.0.0.1", "    ^", "dst: what?" },
		{ "src not dst 10.0.0.1", "    ^", "src: what?" },
		{ "dport 65536", "      ^" },
		{ "dport :nothing", "      ^" },
		{ "dport -1", "      ^" },
		{ "dport 1 dport 2x", "              ^" },
		{ "stream 65536", "       ^" },
		{ "assoc 0", "      ^" },
		{ "uid 4294967296", "    ^" },
		{ "uid 18446744073709551616", "    ^" },
		{ "colour red", "^" },
		{ "dst", "   ^" },
		{ "dst :", "    ^" },
		{ "dst []", "    ^" },
		{ "dst /8", "    ^" },
		{ "dst */8", "    ^" },
		{ "dst [::1", "    ^" },
		{ "dst [::1]x", "    ^" },
		{ "dst 10.0.0.1/33", "    ^" },
		{ "dst 10.0.0.1/", "    ^" },
		{ "dst ::1/129", "    ^" },
		{ "dst 10.1", "    ^" },
		{ "dst 010.0.0.1", "    ^" },
		{ "dst 10.0.0.1:65536", "    ^" },
		{ "dst name/8", "    ^" },
		{ "dst > 10.0.0.1", "    ^" },
		{ "state", "     ^" },
		{ "state odd", "      ^" },
		{ "state up", "      ^" },
		{ "state all and", "             ^" },
		{ "(state all)", " ^" },
		{ "(dport 1 state all)", "         ^" },
		{ "not state all", "    ^" },
		{ "dport 1 or dport 2 state all", "                   ^" },
		{ "dport 1 state all or dport 2", "                  ^" },
		{ "assoc state established", "            ^" },
		{ "assoc stream 1", "      ^" },
	};
	struct filter filter;
	char want[256];
	const char *line;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		KUNIT_EXPECT_EQ_MSG(test, parse(&filter, cases[i][0]), false,
				    "%s", cases[i][0]);
		snprintf(want, sizeof(want), "\n  %s\n  %s", cases[i][0],
			 cases[i][1]);
		line = strchr(said, '\n') ?: "";
		KUNIT_EXPECT_STREQ_MSG(test, line, want, "%s", said);
		line = cases[i][2] ?: "";
		KUNIT_EXPECT_EQ_MSG(test, strncmp(said, line, strlen(line)), 0,
				    "%s", said);
		filter_free(&filter);
	}
}

/* Of a long one only the place is shown. */
static void filter_mistake_far_behind(struct kunit *test)
{
	char text[1024] = "";
	struct filter filter;
	const char *line;
	int i;

	for (i = 0; i < 40; i++)
		strcat(text, "uid 0 or uid 1 or ");
	strcat(text, "here is it");
	for (i = 0; i < 20; i++)
		strcat(text, " or uid 0");
	KUNIT_EXPECT_FALSE(test, parse(&filter, text));
	line = strstr(said, "\n  ");
	KUNIT_ASSERT_NOT_NULL(test, line);
	KUNIT_ASSERT_TRUE(test, strlen(line) < 160);
	line = strchr(line + 1, '\n');
	KUNIT_ASSERT_NOT_NULL(test, line);
	KUNIT_EXPECT_EQ(test, strncmp(line - 72 + (strlen(line) - 4),
				      "here is it", 10), 0);
	filter_free(&filter);
}

static void filter_narrows(struct kunit *test)
{
	static const struct {
		const char	*text;
		unsigned int	has;
		__u32		assoc;
	} cases[] = {
		{ "src 10.0.0.1 dst 10.0.0.2:5000", LOCAL | PEER | DPORT },
		{ "dst 2001:db8::1/128", PEER },
		{ "dst ::ffff:10.0.0.2", PEER },
		{ "sport 4000 and (dport = 5000 and stream 2)",
		  SPORT | DPORT | STREAM },
		{ "uid 0 assoc 7", UID, 7 },
		{ "dport 5000 and (stream 2 or stream 4)", DPORT },
		{ "dport 5000 and not stream 2", DPORT },
		{ "dst 10/8:5000", DPORT },
		{ "dst *:5000", DPORT },
		{ "dst two.test:5000", DPORT },
		{ "dport 5000 or dport 5001", 0 },
		{ "not (dport 5000 stream 1)", 0 },
		{ "dport != 5000 and stream > 3 and assoc <= 8", 0 },
		{ "state established", 0 },
		{ "", 0 },
	};
	struct filter filter;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		KUNIT_ASSERT_TRUE_MSG(test, parse(&filter, cases[i].text),
				      "%s: %s", cases[i].text, said);
		KUNIT_EXPECT_EQ_MSG(test, filter.request.has, cases[i].has,
				    "%s", cases[i].text);
		KUNIT_EXPECT_EQ_MSG(test, filter.request.req.wdiag_assoc,
				    cases[i].assoc, "%s", cases[i].text);
		filter_free(&filter);
	}
}

/* What wrtcsub kill goes by. */
static void filter_kinds(struct kunit *test)
{
	static const struct {
		const char	*text;
		bool		is_empty;
		bool		is_assoc;
		bool		for_assocs;
	} cases[] = {
		{ "", true },
		{ "  ", true },
		{ "assoc", true, false, true },
		{ "dst *" },
		{ "state all" },
		{ "assoc 5", false, true },
		{ "assoc = 5", false, true },
		{ "(assoc 5)", false, true },
		{ "assoc 5 assoc 5" },
		{ "assoc 5 or assoc 6" },
		{ "assoc != 5" },
		{ "not assoc 5" },
		{ "assoc ge 5" },
		{ "assoc 5 state all" },
		{ "state all assoc 5" },
		{ "assoc not dport 1", false, false, true },
		{ "assoc (dport 1)", false, false, true },
		{ "assoc assoc 5", false, true, true },
	};
	struct filter filter;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		KUNIT_ASSERT_TRUE_MSG(test, parse(&filter, cases[i].text),
				      "%s: %s", cases[i].text, said);
		KUNIT_EXPECT_EQ_MSG(test, filter_is_empty(&filter),
				    cases[i].is_empty, "%s", cases[i].text);
		KUNIT_EXPECT_EQ_MSG(test, filter_is_assoc(&filter),
				    cases[i].is_assoc, "%s", cases[i].text);
		KUNIT_EXPECT_EQ_MSG(test, filter.for_assocs,
				    cases[i].for_assocs, "%s", cases[i].text);
		filter_free(&filter);
	}
}

static void filter_wants_associations(struct kunit *test)
{
	struct assoc_entry entry;
	struct filter filter;

	memset(&entry, 0, sizeof(entry));
	entry.msg.wdiag_state = WRTCSUB_DIAG_ASSOC_UP;
	entry.msg.wdiag_assoc = 7;
	set_end(&entry.peer, "10.0.0.2", 5000);
	KUNIT_ASSERT_TRUE(test, parse(&filter, "assoc dst 10/8 dport > 1"));
	KUNIT_EXPECT_EQ(test, filter_wants_assoc(&filter, &entry), true);
	filter_free(&filter);
	KUNIT_ASSERT_TRUE(test, parse(&filter, "assoc state up assoc != 7"));
	KUNIT_EXPECT_FALSE(test, filter_wants_assoc(&filter, &entry));
	filter_free(&filter);
	KUNIT_ASSERT_TRUE(test, parse(&filter, "assoc state closing assoc 7"));
	KUNIT_EXPECT_FALSE(test, filter_wants_assoc(&filter, &entry));
	filter_free(&filter);
}

/* In many arguments, and with all kinds of spaces. */
static void filter_arguments(struct kunit *test)
{
	char *args[] = {
		"(", "dport=", ":5000", "or\tdport", " 80", ")", "and\n", "!",
		"stream 0", "", NULL
	};
	struct filter filter = {};

	KUNIT_ASSERT_TRUE_MSG(test, filter_parse(&filter, args), "%s", said);
	KUNIT_EXPECT_EQ(test, wanted_by(&filter), bits_of("124"));
	filter_free(&filter);
}

/* No stack is too small for it. */
static void filter_depth(struct kunit *test)
{
	static char text[1000000];
	struct filter filter;
	size_t i, len = 0;

	memset(text, '(', 100);
	strcpy(text + 100, "uid 0");
	memset(text + 105, ')', 100);
	KUNIT_EXPECT_EQ(test, parse(&filter, text), true);
	KUNIT_EXPECT_EQ(test, wanted_by(&filter), bits_of("01345"));
	filter_free(&filter);

	memset(text, '!', 101);
	strcpy(text + 101, "uid 0");
	KUNIT_EXPECT_FALSE(test, parse(&filter, text));
	filter_free(&filter);

	for (i = 0; i < 50000; i++)
		len += sprintf(text + len, "uid %zu or ", i + 1);
	strcpy(text + len, "stream 0");
	KUNIT_ASSERT_TRUE(test, parse(&filter, text));
	KUNIT_EXPECT_EQ(test, wanted_by(&filter), bits_of("026"));
	filter_free(&filter);
}

static unsigned int pick(unsigned int nr)
{
	static __u32 x = 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x % nr;
}

static const char *pick_one(const char * const *words, size_t nr)
{
	return words[pick(nr)];
}

static unsigned int write_any(char *text, int depth);

static unsigned int write_term(char *text)
{
	const struct meaning *m = numbers + pick(ARRAY_SIZE(numbers) - 1);

	if (pick(2))
		m = addresses + pick(ARRAY_SIZE(addresses) - 1);
	sprintf(text + strlen(text), " %s ", m->text);
	return bits_of(m->numbers);
}

static unsigned int write_part(char *text, int depth)
{
	static const char * const not[] = { "not ", "!", "! " };
	unsigned int bits;

	if (!depth || pick(2))
		return write_term(text);
	if (pick(2)) {
		strcat(text, pick_one(not, ARRAY_SIZE(not)));
		return ~write_part(text, depth - 1) & everyone;
	}
	strcat(text, "(");
	bits = write_any(text, depth - 1);
	strcat(text, ")");
	return bits;
}

static unsigned int write_all(char *text, int depth)
{
	static const char * const and[] = { " ", " and ", "&", "&&" };
	unsigned int bits = write_part(text, depth);

	while (!pick(3)) {
		strcat(text, pick_one(and, ARRAY_SIZE(and)));
		bits &= write_part(text, depth);
	}
	return bits;
}

static unsigned int write_any(char *text, int depth)
{
	static const char * const or[] = { " or ", "|", " || " };
	unsigned int bits = write_all(text, depth);

	while (!pick(3)) {
		strcat(text, pick_one(or, ARRAY_SIZE(or)));
		bits |= write_all(text, depth);
	}
	return bits;
}

/* What is written at random is read as it was meant, and what the kernel is
 * asked for is never less.
 */
static void filter_random(struct kunit *test)
{
	static char text[TEXT_MAX * 16];
	unsigned int bits, narrowed = 0;
	struct filter filter;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		text[0] = '\0';
		bits = write_any(text, 3);
		KUNIT_ASSERT_TRUE_MSG(test, parse(&filter, text), "%s: %s",
				      text, said);
		KUNIT_ASSERT_EQ_MSG(test, wanted_by(&filter), bits, "%s", text);
		KUNIT_ASSERT_EQ_MSG(test, bits & ~listed_by(&filter), 0u, "%s",
				    text);
		narrowed += listed_by(&filter) != everyone;
		filter_free(&filter);
	}
	KUNIT_ASSERT_GT(test, narrowed, (unsigned int)ROUNDS / 10);
}

static struct kunit_case filter_cases[] = {
	KUNIT_CASE(filter_addresses),
	KUNIT_CASE(filter_numbers),
	KUNIT_CASE(filter_joined),
	KUNIT_CASE(filter_states),
	KUNIT_CASE(filter_mistakes),
	KUNIT_CASE(filter_mistake_far_behind),
	KUNIT_CASE(filter_narrows),
	KUNIT_CASE(filter_kinds),
	KUNIT_CASE(filter_wants_associations),
	KUNIT_CASE(filter_arguments),
	KUNIT_CASE(filter_depth),
	KUNIT_CASE(filter_random),
	{}
};

static struct kunit_suite filter_suite = {
	.name = "wrtcsub_filter",
	.test_cases = filter_cases,
};

kunit_test_suite(filter_suite);
