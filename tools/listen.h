/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LISTEN_H
#define LISTEN_H

struct options;

int listen_resolve(const char *host, const char *port,
		   const struct options *opts);

#endif /* LISTEN_H */
