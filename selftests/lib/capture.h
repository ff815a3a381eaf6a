/* SPDX-License-Identifier: GPL-2.0 */
/* The SCTP packets on a link: how large they are, and what is in them. */
#ifndef SELFTESTS_WRTCSUB_CAPTURE_H
#define SELFTESTS_WRTCSUB_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

struct capture_packet {
	size_t size;		/* with the IP header; a GSO packet is large */
	bool udp;		/* RFC 6951 */
	unsigned int data;	/* DATA chunks */
	unsigned int heartbeats;
};

/* What packets were, all together. */
struct capture_sum {
	unsigned int plain;	/* packets over IP */
	unsigned int udp;	/* packets over UDP */
	size_t largest;
	unsigned int most_data;	/* DATA chunks in one packet */
	unsigned int heartbeats;
};

int capture_open(const char *link);
bool capture_next(int fd, struct capture_packet *packet);
void capture_sum_up(int fd, struct capture_sum *sum);

#endif
