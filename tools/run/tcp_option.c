// SPDX-License-Identifier: GPL-2.0
/*
 * Options at level IPPROTO_TCP, of a socket that is a substream.
 *
 * Those with a counterpart are mapped to it.  Others fail as they do on a socket
 * of a family that has never heard of TCP.
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <netinet/tcp.h>
#include <linux/wrtcsub.h>

#include "real.h"
#include "tcp_option.h"

#define FIN_ACK_TIMEOUT_MAX	600000	/* what WRTCSUB_FIN_ACK_TIMEOUT takes */

/* What a socket has of which nobody has set it. */
static int default_timeout(int *ms)
{
	int error, fd = real_socket(AF_WRTCSUB, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	error = get_int(fd, SOL_WRTCSUB, WRTCSUB_FIN_ACK_TIMEOUT, ms);
	close(fd);
	return error;
}

/* It is only at its end that a substream waits for its peer to acknowledge. */
static int set_user_timeout(int fd, int ms)
{
	if (ms < 0) {
		errno = EINVAL;
		return -1;
	}
	if (set_int(fd, SOL_SOCKET, KEPT_TIMEOUT, !!ms) ||
	    (!ms && default_timeout(&ms)))
		return -1;
	if (ms > FIN_ACK_TIMEOUT_MAX)
		ms = FIN_ACK_TIMEOUT_MAX;
	return set_int(fd, SOL_WRTCSUB, WRTCSUB_FIN_ACK_TIMEOUT, ms);
}

/* @kept is as the program has it, @nodelay as a substream does. */
static int set_nodelay(int fd, int option, bool kept, bool nodelay)
{
	return set_int(fd, SOL_SOCKET, option, kept) ?:
	       set_int(fd, SOL_WRTCSUB, WRTCSUB_NODELAY, nodelay);
}

int tcp_option_set(int fd, int option, const void *value, socklen_t len)
{
	int number;

	if (option != TCP_NODELAY && option != TCP_CORK &&
	    option != TCP_USER_TIMEOUT) {
		errno = ENOPROTOOPT;
		return -1;
	}
	if (len < sizeof(number)) {
		errno = EINVAL;
		return -1;
	}
	if (!value) {
		errno = EFAULT;
		return -1;
	}
	memcpy(&number, value, sizeof(number));
	switch (option) {
	case TCP_NODELAY:
		return set_nodelay(fd, KEPT_NODELAY, number, number);
	case TCP_CORK:
		return set_nodelay(fd, KEPT_CORK, number, !number);
	default:
		return set_user_timeout(fd, number);
	}
}

/* As much as there is room for. */
int option_put(void *value, socklen_t *len, const void *from, socklen_t size)
{
	if (len && (int)*len < 0) {
		errno = EINVAL;
		return -1;
	}
	if (!len || (*len && !value)) {
		errno = EFAULT;
		return -1;
	}
	if (*len > size)
		*len = size;
	if (*len)
		memcpy(value, from, *len);
	return 0;
}

int tcp_option_get(int fd, int option, void *value, socklen_t *len)
{
	int error, number;

	switch (option) {
	case TCP_NODELAY:
		error = get_int(fd, SOL_WRTCSUB, WRTCSUB_NODELAY, &number);
		break;
	case TCP_CORK:
		error = get_int(fd, SOL_WRTCSUB, WRTCSUB_NODELAY, &number);
		number = !number;
		break;
	case TCP_USER_TIMEOUT:
		error = get_int(fd, SOL_WRTCSUB, WRTCSUB_FIN_ACK_TIMEOUT,
				&number);
		break;
	case TCP_INFO:
		return tcp_info_get(fd, value, len);
	default:
		errno = ENOPROTOOPT;
		return -1;
	}
	return error ? -1 : option_put(value, len, &number, sizeof(number));
}
