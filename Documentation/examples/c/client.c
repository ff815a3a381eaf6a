// SPDX-License-Identifier: GPL-2.0
/* client ADDR PORT TEXT: sends it, and prints the answer. */
#include <arpa/inet.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/wrtcsub.h>

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_WRTCSUB, SOCK_STREAM, 0);
	char buf[4096];
	ssize_t len;

	if (argc != 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		errx(2, "usage: client ADDR PORT TEXT");
	to.sin_port = htons(atoi(argv[2]));
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    send(fd, argv[3], strlen(argv[3]), MSG_NOSIGNAL) < 0 ||
	    shutdown(fd, SHUT_WR))		/* 0: the peer has it all */
		err(1, "%s", argv[1]);
	while ((len = read(fd, buf, sizeof(buf))) > 0)
		if (write(STDOUT_FILENO, buf, len) != len)
			err(1, "standard output");
	if (len)				/* 0: the answer is whole */
		err(1, "the answer");
	return 0;
}
