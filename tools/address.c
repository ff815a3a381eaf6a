// SPDX-License-Identifier: GPL-2.0
/*
 * AF_WRTCSUB has no addresses of its own: they are those of IPv4 and IPv6, and
 * the port is the SCTP port.
 */

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "endpoint.h"
#include "message.h"

static bool get_port(__u16 *number, const char *port)
{
	if (*port != ':' && !endpoint_parse_port(number, port))
		return true;
	message("not a port (0 to 65535), and not a service: %s", port);
	return false;
}

/* false: the user was told. */
bool address_is_port(const char *port)
{
	__u16 number;

	return get_port(&number, port);
}

/* What host and port mean, which may be names, to be given to freeaddrinfo(3).
 * NULL: nothing, and the user was told.  A passive address is one to listen on,
 * and host may be NULL then: any.
 */
struct addrinfo *address_resolve(const char *host, const char *port,
				 int family, bool passive)
{
	struct addrinfo hints, *list;
	char text[8];
	__u16 number;
	int ret;

	if (!get_port(&number, port))
		return NULL;
	snprintf(text, sizeof(text), "%u", number);

	memset(&hints, 0, sizeof(hints));
	hints.ai_family = family;
	hints.ai_socktype = SOCK_STREAM;	/* one entry for each address */
	hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0);
	ret = getaddrinfo(host, text, &hints, &list);
	if (!ret)
		return list;
	message("%s: %s", host ? host : port,
		ret == EAI_SYSTEM ? strerror(errno) : gai_strerror(ret));
	return NULL;
}

/* An IPv4 address inside an IPv6 one is shown as what it is. */
static socklen_t unmap(struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in in;

	if (ss->ss_family == AF_INET)
		return sizeof(struct sockaddr_in);
	if (ss->ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		return sizeof(struct sockaddr_in6);

	memset(&in, 0, sizeof(in));
	in.sin_family = AF_INET;
	in.sin_port = in6->sin6_port;
	memcpy(&in.sin_addr, in6->sin6_addr.s6_addr + 12, sizeof(in.sin_addr));
	memcpy(ss, &in, sizeof(in));
	return sizeof(in);
}

void address_to_text(struct address_text *text, const struct sockaddr *addr,
		     socklen_t len)
{
	struct sockaddr_storage ss;

	memset(&ss, 0, sizeof(ss));
	memcpy(&ss, addr, len < sizeof(ss) ? len : sizeof(ss));
	len = unmap(&ss);
	if (getnameinfo((struct sockaddr *)&ss, len, text->host,
			sizeof(text->host), text->port, sizeof(text->port),
			NI_NUMERICHOST | NI_NUMERICSERV)) {
		snprintf(text->host, sizeof(text->host), "?");
		snprintf(text->port, sizeof(text->port), "?");
	}
	snprintf(text->all, sizeof(text->all),
		 ss.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", text->host,
		 text->port);
}

static bool address_get(struct address_text *text, int fd,
			int (*get)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	bool known;

	memset(&ss, 0, sizeof(ss));
	known = !get(fd, (struct sockaddr *)&ss, &len);
	address_to_text(text, (struct sockaddr *)&ss, known ? len : 0);
	return known;
}

bool address_of_peer(struct address_text *text, int fd)
{
	return address_get(text, fd, getpeername);
}

bool address_of_socket(struct address_text *text, int fd)
{
	return address_get(text, fd, getsockname);
}
