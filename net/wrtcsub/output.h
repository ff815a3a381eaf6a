/* SPDX-License-Identifier: GPL-2.0 */
/* From substreams to SCTP. */
#ifndef _NET_WRTCSUB_OUTPUT_H
#define _NET_WRTCSUB_OUTPUT_H

struct wrtcsub_assoc;

void wrtcsub_output_run(struct wrtcsub_assoc *a);
void wrtcsub_output_drop(struct wrtcsub_assoc *a);

#endif /* _NET_WRTCSUB_OUTPUT_H */
