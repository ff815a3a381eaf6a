/* SPDX-License-Identifier: GPL-2.0 */
/* One end of a substream in a filter: "10.0.0.0/8:5000". */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <linux/types.h>

/* IPv4 in its own form. */
struct prefix {
	int		family;
	unsigned int	bits;
	unsigned int	scope;		/* 0: any */
	unsigned char	bytes[sizeof(struct in6_addr)];
};

struct endpoint {
	struct prefix	*prefixes;	/* any of them */
	size_t		nr_prefixes;	/* 0: any address */
	bool		has_port;	/* false: any port */
	__u16		port;
};

const char *endpoint_parse(struct endpoint *endpoint, const char *string);
const char *endpoint_parse_port(__u16 *port, const char *string);
bool endpoint_matches(const struct endpoint *endpoint,
		      const struct sockaddr_storage *ss);
bool endpoint_port_of(const struct sockaddr_storage *ss, __u16 *port);
bool endpoint_is_host(const struct endpoint *endpoint,
		      struct sockaddr_storage *ss);
void endpoint_free(struct endpoint *endpoint);

#endif /* ENDPOINT_H */
