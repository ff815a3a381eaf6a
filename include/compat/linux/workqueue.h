/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WRTCSUB_COMPAT_LINUX_WORKQUEUE_H
#define _WRTCSUB_COMPAT_LINUX_WORKQUEUE_H

#include_next <linux/workqueue.h>

/* A workqueue that is not WQ_UNBOUND was per CPU without saying so. */
#ifndef WRTCSUB_HAVE_WQ_PERCPU
#define WQ_PERCPU 0
#endif

#endif /* _WRTCSUB_COMPAT_LINUX_WORKQUEUE_H */
