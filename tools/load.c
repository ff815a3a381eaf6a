// SPDX-License-Identifier: GPL-2.0
/* The module, where it is not loaded yet: a socket loads it. */

#include <unistd.h>
#include <sys/socket.h>
#include <linux/wrtcsub.h>

#include "load.h"

/* Where it cannot be, the caller will see that it is not there. */
void load_module(void)
{
	int fd = socket(AF_WRTCSUB, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
}
