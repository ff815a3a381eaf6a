/* SPDX-License-Identifier: GPL-2.0 */
/* One substream, from its first byte to the two ends of it. */
#ifndef SUBSTREAM_H
#define SUBSTREAM_H

#include <stdbool.h>
#include <linux/wrtcsub.h>

#include "address.h"
#include "util.h"

struct options;

struct substream {
	int			fd;
	struct address_text	local;
	struct address_text	peer;
	unsigned long long	bytes_out;
	unsigned long long	bytes_in;
	unsigned long long	start_us;
	unsigned long long	fin_us;		/* of shutdown(2), 0: not yet */
	unsigned long long	fin_ack_us;	/* how long it took */
	struct wrtcsub_info	info;		/* zero where not known */
	bool			failed;		/* and the user was told */
};

/* What shutdown(SHUT_WR) says. */
enum substream_end {
	SUBSTREAM_END_WAIT,	/* ask again when poll(2) says POLLOUT */
	SUBSTREAM_END_CLEAN,	/* the peer has all of it */
	SUBSTREAM_END_FAILED,	/* and the user was told */
};

int substream_socket(const struct options *opts);
bool substream_set_blocking(int fd, bool blocking);
void substream_refuse(int fd);
int substream_serve(int fd, const struct options *opts);

__printf(2, 3)
void substream_fail(struct substream *sub, const char *format, ...);
void substream_fail_receive(struct substream *sub, int error);
void substream_fail_send(struct substream *sub, int error);
void substream_get_info(struct substream *sub);
enum substream_end substream_end(struct substream *sub);

#endif /* SUBSTREAM_H */
