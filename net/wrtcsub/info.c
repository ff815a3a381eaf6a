// SPDX-License-Identifier: GPL-2.0
/*
 * What can be told of a socket from outside: WRTCSUB_INFO, /proc/net/wrtcsub,
 * sock_diag.
 *
 * It takes no lock of the socket.  What it says was true in passing, each
 * number for itself.  On a machine of 32 bits a count of 64 is two numbers: who
 * looks just as the lower one overflows, once in 4 GiB, gets one that is wrong,
 * and a right one the next time.
 */

#include <linux/export.h>
#include <net/sock.h>

#include "assoc.h"
#include "channel.h"
#include "info.h"
#include "substream.h"

/**
 * wrtcsub_info_flags() - what is true of the channel
 * @ws: a substream
 *
 * Context: any.
 * Return: WRTCSUB_INFO_F_*, without those of the association.
 */
u8 wrtcsub_info_flags(const struct wrtcsub_sock *ws)
{
	u8 flags = 0;

	if (!wrtcsub_substream_is_connected(ws))
		return 0;
	flags |= WRTCSUB_INFO_F_CONNECTED;
	if (test_bit(WRTCSUB_F_ACKED, &ws->flags))
		flags |= WRTCSUB_INFO_F_ACKED;
	if (READ_ONCE(ws->opt.stream_id) != WRTCSUB_STREAM_ID_NONE)
		flags |= WRTCSUB_INFO_F_NEGOTIATED;
	return flags;
}
EXPORT_SYMBOL_GPL(wrtcsub_info_flags);

/**
 * wrtcsub_info_assoc_flags() - what is true of the association
 * @a: the association
 *
 * Context: any.
 * Return: WRTCSUB_INFO_F_* of associations.
 */
u8 wrtcsub_info_assoc_flags(const struct wrtcsub_assoc *a)
{
	u8 flags = 0;

	if (READ_ONCE(a->paused))
		flags |= WRTCSUB_INFO_F_PAUSED;
	if (READ_ONCE(a->interleaved))
		flags |= WRTCSUB_INFO_F_INTERLEAVED;
	if (!READ_ONCE(a->reset.impossible))
		flags |= WRTCSUB_INFO_F_RECONF;
	return flags;
}
EXPORT_SYMBOL_GPL(wrtcsub_info_assoc_flags);

/**
 * wrtcsub_info_stream() - which stream
 * @ws: any socket
 *
 * Context: any.
 * Return: the identifier; 0 as well if the channel is not open, which is what
 *	WRTCSUB_INFO_F_CONNECTED tells.
 */
u16 wrtcsub_info_stream(const struct wrtcsub_sock *ws)
{
	return wrtcsub_substream_is_connected(ws) ? ws->sid : 0;
}
EXPORT_SYMBOL_GPL(wrtcsub_info_stream);

/* The state of TCP that has most in common with the state of both halves. */
static int wrtcsub_info_halves(u32 word)
{
	bool rx_over = wrtcsub_fsm_rx_over(word);

	switch (wrtcsub_fsm_tx(word)) {
	case WRTCSUB_TX_OPEN:
		return rx_over ? TCP_CLOSE_WAIT : TCP_ESTABLISHED;
	case WRTCSUB_TX_SEND_CLOSED:
	case WRTCSUB_TX_CLOSING:
	case WRTCSUB_TX_FIN_SENT:
		return rx_over ? TCP_LAST_ACK : TCP_FIN_WAIT1;
	case WRTCSUB_TX_FIN_ACKED:
	case WRTCSUB_TX_TIMED_OUT:
		return rx_over ? TCP_CLOSE : TCP_FIN_WAIT2;
	default:
		return TCP_CLOSE;
	}
}

/**
 * wrtcsub_info_tcp_state() - the state as tools for TCP know it
 * @ws: any socket
 *
 * Context: any.
 * Return: TCP_LISTEN, TCP_SYN_SENT, TCP_ESTABLISHED, TCP_FIN_WAIT1,
 *	TCP_FIN_WAIT2, TCP_CLOSE_WAIT, TCP_LAST_ACK or TCP_CLOSE.
 */
int wrtcsub_info_tcp_state(const struct wrtcsub_sock *ws)
{
	int phase = wrtcsub_substream_phase(ws);

	if (phase != TCP_ESTABLISHED)
		return phase;
	return wrtcsub_info_halves(wrtcsub_substream_state(ws));
}
EXPORT_SYMBOL_GPL(wrtcsub_info_tcp_state);

/**
 * wrtcsub_info_rqueue() - what waits for the program
 * @ws: any socket
 *
 * Context: any.
 * Return: bytes to read; of a listener substreams to accept.
 */
u32 wrtcsub_info_rqueue(const struct wrtcsub_sock *ws)
{
	if (wrtcsub_substream_phase(ws) == TCP_LISTEN)
		return READ_ONCE(ws->sk.sk_ack_backlog);
	return READ_ONCE(ws->rxq.bytes);
}
EXPORT_SYMBOL_GPL(wrtcsub_info_rqueue);

/**
 * wrtcsub_info_wqueue() - what waits for the peer
 * @ws: any socket
 *
 * Context: any.
 * Return: bytes that SCTP does not hold yet; of a listener the backlog.
 */
u32 wrtcsub_info_wqueue(const struct wrtcsub_sock *ws)
{
	if (wrtcsub_substream_phase(ws) == TCP_LISTEN)
		return READ_ONCE(ws->sk.sk_max_ack_backlog);
	return wrtcsub_txq_len(&ws->txq);
}
EXPORT_SYMBOL_GPL(wrtcsub_info_wqueue);

/* A connect that fails gives its association back. */
static struct wrtcsub_assoc *
wrtcsub_info_get_assoc(const struct wrtcsub_sock *ws)
{
	struct wrtcsub_assoc *a;

	rcu_read_lock();
	a = READ_ONCE(ws->assoc);
	if (a && !refcount_inc_not_zero(&a->refs))
		a = NULL;
	rcu_read_unlock();
	return a;
}

/**
 * wrtcsub_info_names() - the addresses of both ends
 * @ws: any socket
 * @local: set to ours, IPv4 in its own form; all zero without one
 * @peer: set to the peer's
 *
 * Context: any; the caller has a reference to @ws.
 * Return: the association, with a reference, or NULL: it has none.
 */
struct wrtcsub_assoc *wrtcsub_info_names(const struct wrtcsub_sock *ws,
					 struct sockaddr_storage *local,
					 struct sockaddr_storage *peer)
{
	struct wrtcsub_assoc *a = NULL;

	memset(local, 0, sizeof(*local));
	memset(peer, 0, sizeof(*peer));
	switch (wrtcsub_substream_phase(ws)) {
	case TCP_LISTEN:
		*local = ws->local;
		break;
	case TCP_SYN_SENT:
	case TCP_ESTABLISHED:
		a = wrtcsub_info_get_assoc(ws);
		break;
	}
	if (a)
		wrtcsub_assoc_names(a, local, peer);
	return a;
}
EXPORT_SYMBOL_GPL(wrtcsub_info_names);

static void wrtcsub_info_fill_assoc(struct wrtcsub_assoc *a,
				    struct wrtcsub_info *info)
{
	struct sctp_info sctp;

	info->wi_role_odd = a->odd;
	info->wi_assoc_id = a->id;
	info->wi_flags |= wrtcsub_info_assoc_flags(a);
	info->wi_assoc_substreams = READ_ONCE(a->nr_substreams);
	info->wi_assoc_rmem = atomic_read(&a->rmem);
	info->wi_assoc_channels_closing = wrtcsub_channel_nr_closing(a);
	if (wrtcsub_assoc_info(a, &sctp))
		return;
	info->wi_assoc_srtt_ms = jiffies_to_msecs(sctp.sctpi_p_srtt);
	info->wi_assoc_cwnd = sctp.sctpi_p_cwnd;
	info->wi_assoc_peer_rwnd = sctp.sctpi_peer_rwnd;
	info->wi_assoc_rtx_chunks = sctp.sctpi_rtxchunks;
	info->wi_assoc_in_streams = sctp.sctpi_instrms;
	info->wi_assoc_out_streams = sctp.sctpi_outstrms;
}

/**
 * wrtcsub_info_fill() - fill in struct wrtcsub_info
 * @ws: any socket; of one that has no channel most of it is 0
 * @info: filled in
 *
 * Context: process, may sleep.
 */
void wrtcsub_info_fill(struct wrtcsub_sock *ws, struct wrtcsub_info *info)
{
	u32 word = wrtcsub_substream_state(ws);

	memset(info, 0, sizeof(*info));
	info->wi_tx_state = wrtcsub_fsm_tx(word);
	info->wi_rx_state = wrtcsub_fsm_rx(word);
	info->wi_fin_timeout_ms = READ_ONCE(ws->opt.fin_timeout_ms);
	info->wi_label_len = READ_ONCE(ws->label_len);
	if (!wrtcsub_substream_is_connected(ws))
		return;
	info->wi_flags = wrtcsub_info_flags(ws);
	info->wi_stream_id = ws->sid;
	info->wi_error_code = READ_ONCE(ws->peer_code);
	info->wi_tx_bytes = READ_ONCE(ws->tx_bytes);
	info->wi_rx_bytes = READ_ONCE(ws->rx_bytes);
	info->wi_tx_frames = READ_ONCE(ws->tx_frames);
	info->wi_rx_frames = READ_ONCE(ws->rx_frames);
	info->wi_fin_rtt_us = READ_ONCE(ws->fin_rtt_us);
	info->wi_sndq = wrtcsub_txq_len(&ws->txq);
	info->wi_rcvq = READ_ONCE(ws->rxq.bytes);
	wrtcsub_info_fill_assoc(ws->assoc, info);
}
EXPORT_SYMBOL_GPL(wrtcsub_info_fill);
