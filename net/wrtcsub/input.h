/* SPDX-License-Identifier: GPL-2.0 */
/* From SCTP to substreams. */
#ifndef _NET_WRTCSUB_INPUT_H
#define _NET_WRTCSUB_INPUT_H

struct wrtcsub_assoc;

int wrtcsub_input_run(struct wrtcsub_assoc *a);

#endif /* _NET_WRTCSUB_INPUT_H */
