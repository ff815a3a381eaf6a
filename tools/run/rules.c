// SPDX-License-Identifier: GPL-2.0
/*
 * A rule is an address, or a network, and ports: "[ADDR[/BITS]][:PORT[-PORT]]".
 * What is not there is any.  An IPv6 address is in brackets.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "rules.h"

#define RULE_MAX	80

/* IPv4 is kept as IPv6 has it, so that there is one form to compare. */
struct rule {
	struct in6_addr	addr;
	unsigned int	bits;
	unsigned int	first;
	unsigned int	last;
};

static void map(struct in6_addr *to, const struct in_addr *from)
{
	memset(to, 0, sizeof(*to));
	memset(to->s6_addr + 10, 0xff, 2);
	memcpy(to->s6_addr + 12, from, sizeof(*from));
}

/* A number that ends where @end points to then. */
static bool parse_number(unsigned int *number, char **end, unsigned int max)
{
	char *start = *end;
	unsigned long value;

	if (*start < '0' || *start > '9')
		return false;
	value = strtoul(start, end, 10);
	*number = value;
	return value <= max;
}

static bool parse_ports(struct rule *rule, char *text)
{
	if (!parse_number(&rule->first, &text, 65535))
		return false;
	rule->last = rule->first;
	if (*text == '-') {
		text++;
		if (!parse_number(&rule->last, &text, 65535))
			return false;
	}
	return !*text && rule->first <= rule->last;
}

/* "10.0.0.0/8", "[fd00::]/8", or an address without a length. */
static bool parse_network(struct rule *rule, char *text)
{
	unsigned int bits, max = *text == '[' ? 128 : 32;
	char *slash = strchr(text, '/');
	size_t len;
	struct in_addr in;

	bits = max;
	if (slash) {
		*slash++ = '\0';
		if (!parse_number(&bits, &slash, max) || *slash)
			return false;
	}
	rule->bits = bits + 128 - max;
	if (max == 128) {
		len = strlen(text);
		if (text[len - 1] != ']')
			return false;
		text[len - 1] = '\0';
		return inet_pton(AF_INET6, text + 1, &rule->addr) == 1;
	}
	if (inet_pton(AF_INET, text, &in) != 1)
		return false;
	map(&rule->addr, &in);
	return true;
}

static bool parse_rule(struct rule *rule, char *text)
{
	char *colon = strrchr(text, ':');

	memset(rule, 0, sizeof(*rule));
	rule->last = 65535;
	if (*text == '[' && colon < strchr(text, ']'))
		colon = NULL;
	if (colon) {
		*colon = '\0';
		if (!parse_ports(rule, colon + 1))
			return false;
	}
	return *text ? parse_network(rule, text) : !!colon;
}

/* The next of several: where the rest is, or NULL if there is none. */
static const char *next_rule(const char *rules, struct rule *rule, bool *valid)
{
	char text[RULE_MAX];
	size_t len;

	rules += strspn(rules, " ");
	len = strcspn(rules, " ");
	if (!len)
		return NULL;
	*valid = len < sizeof(text);
	if (*valid) {
		memcpy(text, rules, len);
		text[len] = '\0';
		*valid = parse_rule(rule, text);
	}
	return rules + len;
}

bool rules_are_valid(const char *rules)
{
	struct rule rule;
	bool valid = true;

	while (valid && (rules = next_rule(rules, &rule, &valid)))
		;
	return valid;
}

static bool is_in_network(const struct in6_addr *addr, const struct rule *rule)
{
	unsigned int bytes = rule->bits / 8, rest = rule->bits % 8;
	unsigned char mask = 0xff00 >> rest;

	if (memcmp(addr, &rule->addr, bytes))
		return false;
	return !rest ||
	       !((addr->s6_addr[bytes] ^ rule->addr.s6_addr[bytes]) & mask);
}

/* Does one of them match? */
bool rules_match(const char *rules, const struct sockaddr *addr, socklen_t len)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr;
	unsigned int port = ntohs(in->sin_port);
	struct in6_addr ip;
	struct rule rule;
	bool valid;

	if (addr->sa_family == AF_INET && len >= sizeof(*in))
		map(&ip, &in->sin_addr);
	else if (addr->sa_family == AF_INET6 && len >= sizeof(*in6))
		ip = in6->sin6_addr;
	else
		return false;
	while ((rules = next_rule(rules, &rule, &valid)))
		if (valid && port >= rule.first && port <= rule.last &&
		    is_in_network(&ip, &rule))
			return true;
	return false;
}
