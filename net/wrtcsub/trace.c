// SPDX-License-Identifier: GPL-2.0
/* The tracepoints of trace.h are made here. */

#include <net/net_namespace.h>
#include <net/sock.h>

#define CREATE_TRACE_POINTS
#include "trace.h"
