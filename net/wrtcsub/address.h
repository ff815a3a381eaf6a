/* SPDX-License-Identifier: GPL-2.0 */
/* Socket addresses: IPv4 and IPv6, as programs give them. */
#ifndef _NET_WRTCSUB_ADDRESS_H
#define _NET_WRTCSUB_ADDRESS_H

#include <linux/socket.h>

int wrtcsub_address_get(struct sockaddr_storage *to, const void *from, int len);
int wrtcsub_address_len(const struct sockaddr_storage *addr);
bool wrtcsub_address_is_any(const struct sockaddr_storage *addr);
bool wrtcsub_address_is_same_host(const struct sockaddr_storage *a,
				  const struct sockaddr_storage *b);
__be16 wrtcsub_address_port(const struct sockaddr_storage *addr);
void wrtcsub_address_set_port(struct sockaddr_storage *addr, __be16 port);
void wrtcsub_address_loopback(struct sockaddr_storage *addr);
bool wrtcsub_address_lacks_scope(const struct sockaddr_storage *addr);
void wrtcsub_address_use_scope(struct sockaddr_storage *addr, u32 scope);
u32 wrtcsub_address_scope(const struct sockaddr_storage *addr);
void wrtcsub_address_unmap(struct sockaddr_storage *addr);
int wrtcsub_address_put(struct sockaddr_storage *to,
			const struct sockaddr_storage *from, bool ipv6);

#endif /* _NET_WRTCSUB_ADDRESS_H */
