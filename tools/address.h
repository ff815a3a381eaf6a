/* SPDX-License-Identifier: GPL-2.0 */
/* Names, numbers and struct sockaddr. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

struct addrinfo;

/* An address as text in pieces, and all of it: "10.0.0.1:5000". */
struct address_text {
	char	host[64];
	char	port[8];
	char	all[80];
};

bool address_is_port(const char *port);
struct addrinfo *address_resolve(const char *host, const char *port,
				 int family, bool passive);
void address_to_text(struct address_text *text, const struct sockaddr *addr,
		     socklen_t len);
bool address_of_peer(struct address_text *text, int fd);
bool address_of_socket(struct address_text *text, int fd);

#endif /* ADDRESS_H */
