// SPDX-License-Identifier: GPL-2.0
/* Socket addresses: IPv4 and IPv6, as programs give them. */

#include <linux/in.h>
#include <linux/in6.h>
#include <net/ipv6.h>

#include "address.h"

/**
 * wrtcsub_address_get() - take an address from a program
 * @to: set to it; what is not part of the address is zero, so that addresses
 *	can be compared as bytes
 * @from: struct sockaddr_in or struct sockaddr_in6
 * @len: bytes of it
 *
 * Context: any.
 * Return: 0; -EINVAL: too short; -EAFNOSUPPORT: another family.
 */
int wrtcsub_address_get(struct sockaddr_storage *to, const void *from, int len)
{
	struct sockaddr_in6 *to6 = (struct sockaddr_in6 *)to;
	struct sockaddr_in *to4 = (struct sockaddr_in *)to;
	const struct sockaddr_in6 *from6 = from;
	const struct sockaddr_in *from4 = from;

	memset(to, 0, sizeof(*to));
	if (len < (int)offsetofend(struct sockaddr_in, sin_family))
		return -EINVAL;
	to->ss_family = from4->sin_family;

	switch (from4->sin_family) {
	case AF_INET:
		if (len < (int)sizeof(*from4))
			return -EINVAL;
		to4->sin_port = from4->sin_port;
		to4->sin_addr = from4->sin_addr;
		return 0;
	case AF_INET6:
		if (len < SIN6_LEN_RFC2133)
			return -EINVAL;
		to6->sin6_port = from6->sin6_port;
		to6->sin6_addr = from6->sin6_addr;
		if (len >= (int)sizeof(*from6) &&
		    ipv6_addr_type(&from6->sin6_addr) & IPV6_ADDR_LINKLOCAL)
			to6->sin6_scope_id = from6->sin6_scope_id;
		return 0;
	}
	return -EAFNOSUPPORT;
}

/**
 * wrtcsub_address_len() - how long is an address?
 * @addr: the address
 *
 * Context: any.
 * Return: bytes of struct sockaddr_in or struct sockaddr_in6.
 */
int wrtcsub_address_len(const struct sockaddr_storage *addr)
{
	return addr->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
					     sizeof(struct sockaddr_in);
}
EXPORT_SYMBOL_GPL(wrtcsub_address_len);

/**
 * wrtcsub_address_is_any() - does it name no host?
 * @addr: the address
 *
 * Context: any.
 * Return: true for 0.0.0.0 and for ::.
 */
bool wrtcsub_address_is_any(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET6)
		return ipv6_addr_any(&((struct sockaddr_in6 *)addr)->sin6_addr);
	return ((struct sockaddr_in *)addr)->sin_addr.s_addr ==
	       htonl(INADDR_ANY);
}

/**
 * wrtcsub_address_is_same_host() - do two addresses name the same host?
 * @a: an address
 * @b: another one
 *
 * Context: any.
 * Return: true if they do; the ports are not looked at.
 */
bool wrtcsub_address_is_same_host(const struct sockaddr_storage *a,
				  const struct sockaddr_storage *b)
{
	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET6)
		return ipv6_addr_equal(&((struct sockaddr_in6 *)a)->sin6_addr,
				       &((struct sockaddr_in6 *)b)->sin6_addr);
	return ((struct sockaddr_in *)a)->sin_addr.s_addr ==
	       ((struct sockaddr_in *)b)->sin_addr.s_addr;
}

/**
 * wrtcsub_address_port() - its port
 * @addr: the address
 *
 * Context: any.
 * Return: the port, in network order.
 */
__be16 wrtcsub_address_port(const struct sockaddr_storage *addr)
{
	/* The same place in both families. */
	return ((struct sockaddr_in *)addr)->sin_port;
}
EXPORT_SYMBOL_GPL(wrtcsub_address_port);

/**
 * wrtcsub_address_set_port() - give it a port
 * @addr: the address
 * @port: the port, in network order
 *
 * Context: any.
 */
void wrtcsub_address_set_port(struct sockaddr_storage *addr, __be16 port)
{
	/* The same place in both families. */
	((struct sockaddr_in *)addr)->sin_port = port;
}

/**
 * wrtcsub_address_loopback() - put this host in place of no host
 * @addr: the address
 *
 * To connect to 0.0.0.0 or to :: is to connect to oneself, as with TCP.
 *
 * Context: any.
 */
void wrtcsub_address_loopback(struct sockaddr_storage *addr)
{
	if (!wrtcsub_address_is_any(addr))
		return;
	if (addr->ss_family == AF_INET6)
		((struct sockaddr_in6 *)addr)->sin6_addr = in6addr_loopback;
	else
		((struct sockaddr_in *)addr)->sin_addr.s_addr =
			htonl(INADDR_LOOPBACK);
}

/**
 * wrtcsub_address_lacks_scope() - is it not known of which link it is?
 * @addr: the address
 *
 * Context: any.
 * Return: true for a link-local address without a scope.
 */
bool wrtcsub_address_lacks_scope(const struct sockaddr_storage *addr)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;

	return addr->ss_family == AF_INET6 && !in6->sin6_scope_id &&
	       ipv6_addr_type(&in6->sin6_addr) & IPV6_ADDR_LINKLOCAL;
}

/**
 * wrtcsub_address_use_scope() - give an address the scope that it lacks
 * @addr: the address; one that has a scope, or needs none, stays as it is
 * @scope: the index of a device, or 0
 *
 * Context: any.
 */
void wrtcsub_address_use_scope(struct sockaddr_storage *addr, u32 scope)
{
	if (wrtcsub_address_lacks_scope(addr))
		((struct sockaddr_in6 *)addr)->sin6_scope_id = scope;
}

/**
 * wrtcsub_address_scope() - its scope
 * @addr: the address
 *
 * Context: any.
 * Return: the index of a device, or 0.
 */
u32 wrtcsub_address_scope(const struct sockaddr_storage *addr)
{
	return addr->ss_family == AF_INET6 ?
		((const struct sockaddr_in6 *)addr)->sin6_scope_id : 0;
}

/**
 * wrtcsub_address_unmap() - give an IPv4 address its own form
 * @addr: the address; ::ffff:a.b.c.d becomes a.b.c.d
 *
 * Addresses are kept in one form, so that they can be compared.
 *
 * Context: any.
 */
void wrtcsub_address_unmap(struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in in = { .sin_family = AF_INET };

	if (addr->ss_family != AF_INET6 || !ipv6_addr_v4mapped(&in6->sin6_addr))
		return;
	in.sin_port = in6->sin6_port;
	in.sin_addr.s_addr = in6->sin6_addr.s6_addr32[3];
	memset(addr, 0, sizeof(*addr));
	memcpy(addr, &in, sizeof(in));
}

/**
 * wrtcsub_address_put() - give an address to a program
 * @to: set to it
 * @from: the address
 * @ipv6: the program uses IPv6: an IPv4 address is mapped
 *
 * Context: any.
 * Return: bytes of *@to.
 */
int wrtcsub_address_put(struct sockaddr_storage *to,
			const struct sockaddr_storage *from, bool ipv6)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)from;
	struct sockaddr_in6 mapped = { .sin6_family = AF_INET6 };

	if (!ipv6 || from->ss_family != AF_INET) {
		memcpy(to, from, wrtcsub_address_len(from));
		return wrtcsub_address_len(from);
	}
	mapped.sin6_port = in->sin_port;
	if (in->sin_addr.s_addr)
		ipv6_addr_set_v4mapped(in->sin_addr.s_addr, &mapped.sin6_addr);
	memcpy(to, &mapped, sizeof(mapped));
	return sizeof(mapped);
}
