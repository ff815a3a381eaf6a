// SPDX-License-Identifier: GPL-2.0
/*
 * One end of a substream in a filter: an address, a prefix or the name of a
 * host, then a port or the name of a service.  Either may be missing, or "*".
 *
 * What parses returns NULL, or what is wrong.
 */

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "message.h"

/* As in "[host/length]:port"; NULL: it is not there. */
struct pieces {
	char	*host;
	char	*length;
	char	*port;
};

static bool is_number(unsigned long *number, const char *string,
		      unsigned long max)
{
	char *end;

	*number = strtoul(string, &end, 10);
	return string[0] >= '0' && string[0] <= '9' && !*end && *number <= max;
}

/* SCTP's name first, as that is what is printed; then TCP's, as few services
 * have one for SCTP, and they have the same port.
 */
static struct servent *service_of(const char *name)
{
	struct servent *service = getservbyname(name, "sctp");

	return service ?: getservbyname(name, "tcp");
}

const char *endpoint_parse_port(__u16 *port, const char *string)
{
	struct servent *service;
	unsigned long number;

	if (*string == ':')
		string++;
	if (is_number(&number, string, 65535)) {
		*port = number;
		return NULL;
	}
	service = service_of(string);
	if (!service)
		return "not a port (0 to 65535), and not a service";
	*port = ntohs(service->s_port);
	return NULL;
}

/* Where what follows the host begins.  IPv6 without brackets has no port, but
 * for one behind a length.
 */
static char *host_end(char *string)
{
	char *end = string + strcspn(string, "/");
	char *colon = strchr(string, ':');

	if (*end)
		return end;
	return colon && !strchr(colon + 1, ':') ? colon : end;
}

/* Cuts @p off at @separator; NULL: there is none. */
static char *cut(char *p, char separator)
{
	p = strchr(p, separator);
	if (p)
		*p++ = '\0';
	return p;
}

static const char *split(struct pieces *pieces, char *string)
{
	char *rest;

	pieces->host = string;
	if (*string == '[') {
		pieces->host++;
		rest = cut(pieces->host, ']');
		if (!rest)
			return "there is no ]";
		if (!*pieces->host)
			return "there is no address in []";
		if (*rest && *rest != '/' && *rest != ':')
			return "behind ] there is neither / nor :";
	} else {
		rest = host_end(string);
	}
	pieces->port = cut(rest, ':');
	pieces->length = cut(rest, '/');
	if (!pieces->length)
		pieces->length = cut(pieces->host, '/');
	return NULL;
}

static void unmap(struct prefix *prefix)
{
	struct in6_addr *in6 = (struct in6_addr *)prefix->bytes;

	if (prefix->family != AF_INET6 || prefix->bits < 96 ||
	    !IN6_IS_ADDR_V4MAPPED(in6))
		return;
	prefix->family = AF_INET;
	prefix->bits -= 96;
	memmove(prefix->bytes, prefix->bytes + 12, sizeof(struct in_addr));
}

static void add_address(struct endpoint *endpoint,
			const struct sockaddr_storage *ss)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)ss;
	const struct sockaddr_in *in = (const struct sockaddr_in *)ss;
	size_t nr = endpoint->nr_prefixes++;
	struct prefix *prefix;

	endpoint->prefixes = realloc(endpoint->prefixes,
				     (nr + 1) * sizeof(*prefix));
	if (!endpoint->prefixes)
		err(STATUS_FAILED, "realloc");
	prefix = &endpoint->prefixes[nr];
	memset(prefix, 0, sizeof(*prefix));
	prefix->family = ss->ss_family;
	if (ss->ss_family == AF_INET) {
		prefix->bits = 32;
		memcpy(prefix->bytes, &in->sin_addr, sizeof(in->sin_addr));
		return;
	}
	prefix->bits = 128;
	prefix->scope = in6->sin6_scope_id;
	memcpy(prefix->bytes, &in6->sin6_addr, sizeof(in6->sin6_addr));
}

/* The resolver takes "10.1" for 10.0.0.1, which nobody means. */
static bool is_short(const char *host)
{
	struct in_addr addr;

	return inet_aton(host, &addr) && inet_pton(AF_INET, host, &addr) != 1;
}

static const char *add_addresses(struct endpoint *endpoint, const char *host,
				 int flags)
{
	struct addrinfo *list, *entry, hints = {
		.ai_socktype = SOCK_STREAM,	/* each address once */
		.ai_flags = flags,
	};
	struct sockaddr_storage ss;
	int ret;

	if (is_short(host))
		return "an IPv4 address has four decimal numbers";
	ret = getaddrinfo(host, NULL, &hints, &list);
	if (ret == EAI_NONAME && flags)
		return "a length follows an address only";
	if (ret)
		return ret == EAI_SYSTEM ? strerror(errno) : gai_strerror(ret);
	for (entry = list; entry; entry = entry->ai_next) {
		memset(&ss, 0, sizeof(ss));
		memcpy(&ss, entry->ai_addr, entry->ai_addrlen);
		add_address(endpoint, &ss);
	}
	freeaddrinfo(list);
	return NULL;
}

/* "10/8" is short for 10.0.0.0/8. */
static const char *lengthen(char *buf, size_t size, const char *host)
{
	static const char * const missing[] = { ".0.0.0", ".0.0", ".0", "" };
	size_t dots = 0;
	const char *p;

	if (!is_short(host) || host[strspn(host, "0123456789.")])
		return host;
	for (p = host; *p; p++)
		dots += *p == '.';
	snprintf(buf, size, "%s%s", host, missing[dots]);
	return buf;
}

static const char *add_prefix(struct endpoint *endpoint, const char *host,
			      const char *length)
{
	struct prefix *prefix;
	unsigned long bits;
	const char *why;
	char buf[64];

	host = lengthen(buf, sizeof(buf), host);
	why = add_addresses(endpoint, host, AI_NUMERICHOST);
	if (why)
		return why;
	prefix = endpoint->prefixes;
	if (!is_number(&bits, length, prefix->bits))
		return "the length of the prefix is wrong";
	prefix->bits = bits;
	return NULL;
}

static bool is_any(const char *string)
{
	return !*string || !strcmp(string, "*");
}

static const char *parse_host(struct endpoint *endpoint,
			      const struct pieces *pieces)
{
	const char *why;
	size_t i;

	if (is_any(pieces->host))
		return pieces->length ? "a length needs an address" : NULL;
	why = pieces->length ?
	      add_prefix(endpoint, pieces->host, pieces->length) :
	      add_addresses(endpoint, pieces->host, 0);
	for (i = 0; i < endpoint->nr_prefixes; i++)
		unmap(&endpoint->prefixes[i]);
	return why;
}

/* @endpoint has to be freed in any case. */
const char *endpoint_parse(struct endpoint *endpoint, const char *string)
{
	char *copy = strdup(string);
	struct pieces pieces = {};
	const char *why;

	memset(endpoint, 0, sizeof(*endpoint));
	if (!copy)
		err(STATUS_FAILED, "strdup");
	why = split(&pieces, copy);
	if (!why)
		why = parse_host(endpoint, &pieces);
	if (!why && pieces.port && strcmp(pieces.port, "*")) {
		endpoint->has_port = true;
		why = endpoint_parse_port(&endpoint->port, pieces.port);
	}
	free(copy);
	return why;
}

static bool has_bits(const unsigned char *bytes, const struct prefix *prefix)
{
	unsigned int whole = prefix->bits / 8, rest = prefix->bits % 8;

	return !memcmp(bytes, prefix->bytes, whole) &&
	       (!rest || !((bytes[whole] ^ prefix->bytes[whole]) >>
			   (8 - rest)));
}

static bool has_prefix(const struct sockaddr_storage *ss,
		       const struct prefix *prefix)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)ss;
	const struct sockaddr_in *in = (const struct sockaddr_in *)ss;

	if (ss->ss_family != prefix->family)
		return false;
	if (ss->ss_family == AF_INET)
		return has_bits((const unsigned char *)&in->sin_addr, prefix);
	return has_bits(in6->sin6_addr.s6_addr, prefix) &&
	       (!prefix->scope || prefix->scope == in6->sin6_scope_id);
}

/* false: there is no such end. */
bool endpoint_port_of(const struct sockaddr_storage *ss, __u16 *port)
{
	*port = ntohs(ss->ss_family == AF_INET6 ?
		      ((const struct sockaddr_in6 *)ss)->sin6_port :
		      ((const struct sockaddr_in *)ss)->sin_port);
	return ss->ss_family;
}

static bool has_host(const struct endpoint *endpoint,
		     const struct sockaddr_storage *ss)
{
	size_t i;

	for (i = 0; i < endpoint->nr_prefixes; i++)
		if (has_prefix(ss, &endpoint->prefixes[i]))
			return true;
	return !endpoint->nr_prefixes;
}

bool endpoint_matches(const struct endpoint *endpoint,
		      const struct sockaddr_storage *ss)
{
	__u16 port;

	if (endpoint->has_port &&
	    (!endpoint_port_of(ss, &port) || port != endpoint->port))
		return false;
	return has_host(endpoint, ss);
}

/* Is it about a single address?  Then @ss is set to that. */
bool endpoint_is_host(const struct endpoint *endpoint,
		      struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	const struct prefix *prefix = endpoint->prefixes;

	if (endpoint->nr_prefixes != 1 ||
	    prefix->bits != (prefix->family == AF_INET ? 32 : 128))
		return false;
	memset(ss, 0, sizeof(*ss));
	ss->ss_family = prefix->family;
	if (prefix->family == AF_INET)
		memcpy(&in->sin_addr, prefix->bytes, sizeof(in->sin_addr));
	else
		memcpy(&in6->sin6_addr, prefix->bytes, sizeof(in6->sin6_addr));
	return true;
}

void endpoint_free(struct endpoint *endpoint)
{
	free(endpoint->prefixes);
}
