/* SPDX-License-Identifier: GPL-2.0 */
/* Counters, one set for each network namespace, as net/mptcp/mib.h has them. */
#ifndef _NET_WRTCSUB_MIB_H
#define _NET_WRTCSUB_MIB_H

#include <net/snmp.h>

struct net;

/* The order is that of /proc/net/wrtcsub_stat; names are in mib.c. */
enum wrtcsub_mib_field {
	WRTCSUB_MIB_ASSOCS_DIALED,	/* associations that connect made */
	WRTCSUB_MIB_ASSOCS_ACCEPTED,	/* associations that listeners took */
	WRTCSUB_MIB_ASSOCS_FAILED,	/* dialed, but never came up */
	WRTCSUB_MIB_ASSOCS_REFUSED,	/* over max_assocs */
	WRTCSUB_MIB_ASSOCS_LOST,	/* ended with substreams on them */
	WRTCSUB_MIB_ASSOCS_IDLE,	/* shut down after idle_timeout_ms */
	WRTCSUB_MIB_OPENED,		/* substreams opened by connect */
	WRTCSUB_MIB_ACCEPTED,		/* substreams opened by peers */
	WRTCSUB_MIB_CLOSED,		/* substreams that ended, in any way */
	WRTCSUB_MIB_TX_FRAMES,		/* frames with payload handed to SCTP */
	WRTCSUB_MIB_TX_BYTES,		/* payload handed to SCTP */
	WRTCSUB_MIB_TX_FLAGS,		/* frames with a flag handed to SCTP */
	WRTCSUB_MIB_RX_FRAMES,		/* frames received */
	WRTCSUB_MIB_RX_BYTES,		/* payload queued for readers */
	WRTCSUB_MIB_TX_RESETS,		/* RESET_STREAM sent */
	WRTCSUB_MIB_RX_RESETS,		/* RESET_STREAM received */
	WRTCSUB_MIB_FIN_TIMEOUTS,	/* no FIN_ACK came in time */
	WRTCSUB_MIB_GIVEN_UP,		/* closed, and the peer sent no FIN */
	WRTCSUB_MIB_RX_DUP_FINS,	/* a FIN after the first: not answered */
	WRTCSUB_MIB_RX_STRAY_FIN_ACKS,	/* a FIN_ACK that nothing waits for */
	WRTCSUB_MIB_RX_AFTER_FIN,	/* bytes of payload behind a FIN */
	WRTCSUB_MIB_RX_UNKNOWN_FLAGS,	/* flags that no specification has */
	WRTCSUB_MIB_RX_MALFORMED,	/* frames that cannot be read */
	WRTCSUB_MIB_RX_BAD_DCEP,	/* DCEP messages that make no sense */
	WRTCSUB_MIB_RX_BAD_PPID,	/* messages of an unknown protocol */
	WRTCSUB_MIB_RX_UNKNOWN_CHANNEL,	/* data on a channel never opened */
	WRTCSUB_MIB_OPEN_REFUSED_TYPE,	/* OPEN of a type that is not taken */
	WRTCSUB_MIB_OPEN_REFUSED_ID,	/* OPEN in use, or of wrong parity */
	WRTCSUB_MIB_OPEN_REFUSED_BACKLOG, /* OPEN over the backlog */
	WRTCSUB_MIB_OPEN_REFUSED_CLOSED, /* OPEN that nobody listens for */
	WRTCSUB_MIB_OPEN_REFUSED_MEMORY, /* OPEN without memory for it */
	WRTCSUB_MIB_PAUSES,		/* stopped reading: a reader is slow */
	WRTCSUB_MIB_OVERFLOWS,		/* reset: its reader is slow */
	WRTCSUB_MIB_NO_MEMORY,		/* reset: an allocation failed */
	WRTCSUB_MIB_RESETS_DONE,	/* streams of ours that were reset */
	WRTCSUB_MIB_RESETS_FAILED,	/* requests that crossed: sent again */
	WRTCSUB_MIB_RESETS_DENIED,	/* requests that the peer refused */
	WRTCSUB_MIB_RESET_TIMEOUTS,	/* requests that no peer answered */
	WRTCSUB_MIB_GROWN,		/* more streams were had */
	WRTCSUB_MIB_ASSOCS_RESTARTED,	/* begun anew by the peer */
	WRTCSUB_MIB_RX_DROPPED,		/* bytes of payload that nobody will read */
	WRTCSUB_MIB_RX_LATE,		/* messages on a channel being closed */
	WRTCSUB_MIB_RX_EARLY,		/* messages before others, unordered */
	WRTCSUB_MIB_TX_DROPPED,		/* bytes written that SCTP never got */
	WRTCSUB_MIB_OPENS_FAILED,	/* Opened, but the peer has refused it */
	WRTCSUB_MIB_NO_STREAM_IDS,	/* connect found no identifier */
	WRTCSUB_MIB_MAX,
};

struct wrtcsub_mib {
	unsigned long mibs[WRTCSUB_MIB_MAX];
};

void wrtcsub_mib_add(struct net *net, enum wrtcsub_mib_field field,
		     unsigned long n);

static inline void wrtcsub_mib_inc(struct net *net,
				   enum wrtcsub_mib_field field)
{
	wrtcsub_mib_add(net, field, 1);
}

int wrtcsub_mib_init_net(struct net *net);
void wrtcsub_mib_exit_net(struct net *net);

#endif /* _NET_WRTCSUB_MIB_H */
