/* SPDX-License-Identifier: GPL-2.0 */
/* Lists by sock_diag(7), and ends. */
#ifndef SELFTESTS_WRTCSUB_DIAG_H
#define SELFTESTS_WRTCSUB_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include <linux/wrtcsub_diag.h>

/* What was listed: cookies of sockets, or identifiers of associations. */
struct diag_list {
	__u64 *keys;
	size_t nr;
	size_t size;
	int parts;			/* messages that it came in */
};

int diag_list(struct diag_list *list, int what, __u32 show);
int diag_get(const struct wrtcsub_diag_req *req, void *answer, size_t size);
int diag_destroy(const struct wrtcsub_diag_req *req);
int diag_name(int fd, struct wrtcsub_diag_req *req);
int diag_kill(int fd);
void diag_list_sort(struct diag_list *list);
bool diag_list_has(const struct diag_list *list, __u64 key);
void diag_list_free(struct diag_list *list);

#endif
