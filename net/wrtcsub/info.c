// SPDX-License-Identifier: GPL-2.0
/* WRTCSUB_INFO: all that a program can know of a substream. */

#include <net/sock.h>

#include "af.h"
#include "assoc.h"
#include "channel.h"
#include "substream.h"

static void wrtcsub_af_info_sctp(struct wrtcsub_assoc *a,
				 struct wrtcsub_info *info)
{
	struct sctp_info sctp;
	unsigned int caps;

	if (wrtcsub_assoc_info(a, &sctp, &caps))
		return;
	info->wi_assoc_srtt_ms = sctp.sctpi_p_srtt;
	info->wi_assoc_cwnd = sctp.sctpi_p_cwnd;
	info->wi_assoc_peer_rwnd = sctp.sctpi_peer_rwnd;
	info->wi_assoc_rtx_chunks = sctp.sctpi_rtxchunks;
	info->wi_assoc_in_streams = sctp.sctpi_instrms;
	info->wi_assoc_out_streams = sctp.sctpi_outstrms;
	if (caps & WRTCSUB_SCTP_INTERLEAVE)
		info->wi_flags |= WRTCSUB_INFO_F_INTERLEAVED;
}

static void wrtcsub_af_info_assoc(struct wrtcsub_assoc *a,
				  struct wrtcsub_info *info)
{
	info->wi_role_odd = a->odd;
	info->wi_assoc_id = a->id;
	info->wi_assoc_substreams = READ_ONCE(a->nr_substreams);
	info->wi_assoc_rmem = atomic_read(&a->rmem);
	info->wi_assoc_channels_closing = wrtcsub_channel_nr_closing(a);
	if (READ_ONCE(a->paused))
		info->wi_flags |= WRTCSUB_INFO_F_PAUSED;
	if (!READ_ONCE(a->reset.impossible))
		info->wi_flags |= WRTCSUB_INFO_F_RECONF;
	wrtcsub_af_info_sctp(a, info);
}

/**
 * wrtcsub_af_info() - fill in struct wrtcsub_info
 * @ws: any socket; of one that has no channel most of it is 0
 * @info: filled in
 *
 * Takes no lock of the socket: what it says was true in passing.
 *
 * Context: process, may sleep.
 */
void wrtcsub_af_info(struct wrtcsub_sock *ws, struct wrtcsub_info *info)
{
	u32 word = wrtcsub_substream_state(ws);

	memset(info, 0, sizeof(*info));
	info->wi_tx_state = wrtcsub_fsm_tx(word);
	info->wi_rx_state = wrtcsub_fsm_rx(word);
	info->wi_fin_timeout_ms = READ_ONCE(ws->opt.fin_timeout_ms);
	info->wi_label_len = READ_ONCE(ws->label_len);
	if (!wrtcsub_substream_is_connected(ws))
		return;
	info->wi_flags = WRTCSUB_INFO_F_CONNECTED;
	if (test_bit(WRTCSUB_F_ACKED, &ws->flags))
		info->wi_flags |= WRTCSUB_INFO_F_ACKED;
	if (READ_ONCE(ws->opt.stream_id) != WRTCSUB_STREAM_ID_NONE)
		info->wi_flags |= WRTCSUB_INFO_F_NEGOTIATED;
	info->wi_stream_id = ws->sid;
	info->wi_error_code = READ_ONCE(ws->peer_code);
	info->wi_tx_bytes = READ_ONCE(ws->tx_bytes);
	info->wi_rx_bytes = READ_ONCE(ws->rx_bytes);
	info->wi_tx_frames = READ_ONCE(ws->tx_frames);
	info->wi_rx_frames = READ_ONCE(ws->rx_frames);
	info->wi_fin_rtt_us = READ_ONCE(ws->fin_rtt_us);
	info->wi_sndq = wrtcsub_txq_len(&ws->txq);
	info->wi_rcvq = READ_ONCE(ws->rxq.bytes);
	wrtcsub_af_info_assoc(ws->assoc, info);
}
