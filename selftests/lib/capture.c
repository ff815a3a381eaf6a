// SPDX-License-Identifier: GPL-2.0
/* The SCTP packets on a link: how large they are, and what is in them. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/types.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture.h"

#define QUEUE		(16 << 20)
#define UDP_HEADER	8
#define SCTP_HEADER	12

enum chunk_type {
	CHUNK_DATA = 0,
	CHUNK_HEARTBEAT = 4,
	CHUNK_I_DATA = 64,
};

struct chunk {
	__u8 type;
	__u8 flags;
	__be16 len;
};

/* Capture what comes in on a link of this namespace. Return: a descriptor. */
int capture_open(const char *link)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex(link),
	};
	int fd, size = QUEUE;

	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		perror("# capture");
		close(fd);
		return -1;
	}
	return fd;
}

/* Where SCTP's header is, and what is before it; 0: there is none. */
static size_t find_sctp(const unsigned char *p, size_t len, bool *udp)
{
	const struct ip6_hdr *ip6 = (const void *)p;
	const struct iphdr *ip = (const void *)p;
	size_t at;
	int proto;

	if (len < sizeof(*ip6))
		return 0;
	if (ip->version == 4) {
		at = ip->ihl * 4;
		proto = ip->protocol;
	} else {
		at = sizeof(*ip6);
		proto = ip6->ip6_nxt;
	}
	*udp = proto == IPPROTO_UDP;
	if (*udp)
		at += UDP_HEADER;
	else if (proto != IPPROTO_SCTP)
		return 0;
	return at + SCTP_HEADER <= len ? at : 0;
}

static void parse_chunks(const unsigned char *p, size_t len,
			 struct capture_packet *packet)
{
	struct chunk chunk;
	size_t size;

	while (len >= sizeof(chunk)) {
		memcpy(&chunk, p, sizeof(chunk));
		size = ntohs(chunk.len);
		if (size < sizeof(chunk))
			return;
		if (chunk.type == CHUNK_DATA || chunk.type == CHUNK_I_DATA)
			packet->data++;
		else if (chunk.type == CHUNK_HEARTBEAT)
			packet->heartbeats++;
		size = (size + 3) & ~3;
		if (size > len)
			return;
		p += size;
		len -= size;
	}
}

/* The next one that was captured. Return: false if there is none. */
bool capture_next(int fd, struct capture_packet *packet)
{
	static unsigned char buf[1 << 18];
	struct sockaddr_ll from = {};
	socklen_t from_len;
	ssize_t len;
	size_t at;

	for (;;) {
		from_len = sizeof(from);
		len = recvfrom(fd, buf, sizeof(buf), 0,
			       (struct sockaddr *)&from, &from_len);
		if (len < 0)
			return false;
		/* On lo each goes out and comes in. */
		if (from.sll_pkttype == PACKET_OUTGOING)
			continue;
		memset(packet, 0, sizeof(*packet));
		at = find_sctp(buf, len, &packet->udp);
		if (at)
			break;
	}
	packet->size = len;
	parse_chunks(buf + at + SCTP_HEADER, len - at - SCTP_HEADER, packet);
	return true;
}

/* All that were captured so far. */
void capture_sum_up(int fd, struct capture_sum *sum)
{
	struct capture_packet packet;

	memset(sum, 0, sizeof(*sum));
	while (capture_next(fd, &packet)) {
		if (packet.udp)
			sum->udp++;
		else
			sum->plain++;
		if (sum->largest < packet.size)
			sum->largest = packet.size;
		if (sum->most_data < packet.data)
			sum->most_data = packet.data;
		sum->heartbeats += packet.heartbeats;
	}
	printf("# %u packets, %u over UDP, of up to %zu bytes and %u DATA\n",
	       sum->plain + sum->udp, sum->udp, sum->largest, sum->most_data);
}
