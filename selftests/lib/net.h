/* SPDX-License-Identifier: GPL-2.0 */
/* The network under the tests: what is seen of it, and what is done to it. */
#ifndef SELFTESTS_WRTCSUB_NET_H
#define SELFTESTS_WRTCSUB_NET_H

#include <stdbool.h>

int shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
int run(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Of a chain, for run() of nft. */
#define NFT_HOOK(_hook)	"{ type filter hook " _hook " priority 0 ; }"

long netns_counter(const char *name);
long netns_sctp_counter(const char *name);
long read_long(const char *path);
long netns_get_sysctl(const char *name);

/* Several namespaces in one process: a socket stays in the one that it was made
 * in.
 */
int ns_new(void);
int ns_enter(int ns);
int ns_link(int ns, const char *name, int to, const char *peer);
int ns_address(int ns, const char *link, const char *address);
int ns_watch_paths(int ns);
int link_without_offload(const char *name, int mtu);

/* SCTP repeats what is lost after a short time, and for as long as it takes: a
 * machine that stalls is no peer that has gone.
 */
int repeat_soon(void);

/* ABORT that goes to a port is lost. */
int lose_aborts(int port);
/* The answers to requests of RFC 6525 that go to a port are. */
int lose_answers(int port);
/* All of RFC 6525 is. */
int lose_requests(void);
/* COOKIE ACK is. */
int lose_cookie_acks(void);
/* SHUTDOWN is. */
int lose_shutdowns(void);
/* All of SCTP that goes to a port is. */
int lose_all(int port);
/* A user message of so many bytes is, and each time that it is sent again. */
int lose_message(int port, int len);
int lose_nothing(void);
/* Something of it has been lost so far. */
bool lost_any(void);

#endif
