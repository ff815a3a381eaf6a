// SPDX-License-Identifier: GPL-2.0
/* server PORT: answers each substream with what it got, in capitals. */
#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/wrtcsub.h>

int main(int argc, char **argv)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6 };
	int fd, listener = socket(AF_WRTCSUB, SOCK_STREAM, 0);
	char buf[4096];
	ssize_t len, i;

	at.sin6_port = htons(argc > 1 ? atoi(argv[1]) : 5000);
	if (listener < 0 || bind(listener, (void *)&at, sizeof(at)) ||
	    listen(listener, 16))
		err(1, "listen");
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		while ((len = read(fd, buf, sizeof(buf))) > 0) {
			for (i = 0; i < len; i++)
				buf[i] = toupper((unsigned char)buf[i]);
			if (send(fd, buf, len, MSG_NOSIGNAL) != len)
				break;
		}
		/* 0: the peer's end came, and it has all of the answer. */
		if (len || shutdown(fd, SHUT_WR))
			warn("a substream was cut off");
		close(fd);
	}
	err(1, "accept");
}
