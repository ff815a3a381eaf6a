/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's header of SCTP, with what it wants before it. */
#ifndef SELFTESTS_WRTCSUB_SCTP_H
#define SELFTESTS_WRTCSUB_SCTP_H

#include <netinet/in.h>
#include <sys/socket.h>

#include <linux/sctp.h>

#ifndef SOL_SCTP
#define SOL_SCTP	132
#endif

#endif
