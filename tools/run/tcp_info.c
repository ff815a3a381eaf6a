// SPDX-License-Identifier: GPL-2.0
/*
 * struct tcp_info, as far as struct wrtcsub_info knows.  The window of the
 * congestion control is in bytes there, so a segment is one byte here.
 */

#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <linux/bpf.h>		/* BPF_TCP_*: the states */
#include <linux/tcp.h>
#include <linux/wrtcsub.h>

#include "real.h"
#include "tcp_option.h"

/* As wrtcsub_info_tcp_state() in the kernel has it. */
static int state_of_halves(const struct wrtcsub_info *info)
{
	bool rx_over = info->wi_rx_state == WRTCSUB_RX_FIN_RCVD ||
		       info->wi_rx_state == WRTCSUB_RX_RESET;

	switch (info->wi_tx_state) {
	case WRTCSUB_TX_OPEN:
		return rx_over ? BPF_TCP_CLOSE_WAIT : BPF_TCP_ESTABLISHED;
	case WRTCSUB_TX_SEND_CLOSED:
	case WRTCSUB_TX_CLOSING:
	case WRTCSUB_TX_FIN_SENT:
		return rx_over ? BPF_TCP_LAST_ACK : BPF_TCP_FIN_WAIT1;
	case WRTCSUB_TX_FIN_ACKED:
	case WRTCSUB_TX_TIMED_OUT:
		return rx_over ? BPF_TCP_CLOSE : BPF_TCP_FIN_WAIT2;
	default:
		return BPF_TCP_CLOSE;
	}
}

/* One that has not begun to connect hangs up, one that connects does not. */
static int state_before(int fd)
{
	struct pollfd poll_fd = { .fd = fd };
	int listens;

	if (!get_int(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens) && listens)
		return BPF_TCP_LISTEN;
	poll(&poll_fd, 1, 0);
	return poll_fd.revents & POLLHUP ? BPF_TCP_CLOSE : BPF_TCP_SYN_SENT;
}

int tcp_info_get(int fd, void *value, socklen_t *len)
{
	struct wrtcsub_info from = {};
	socklen_t size = sizeof(from);
	struct tcp_info to = {};

	if (real_getsockopt(fd, SOL_WRTCSUB, WRTCSUB_INFO, &from, &size))
		return -1;
	to.tcpi_state = from.wi_flags & WRTCSUB_INFO_F_CONNECTED ?
			state_of_halves(&from) : state_before(fd);
	to.tcpi_snd_mss = 1;
	to.tcpi_rcv_mss = 1;
	to.tcpi_rtt = from.wi_assoc_srtt_ms * 1000;
	to.tcpi_snd_cwnd = from.wi_assoc_cwnd;
	to.tcpi_snd_wnd = from.wi_assoc_peer_rwnd;
	to.tcpi_total_retrans = from.wi_assoc_rtx_chunks;
	to.tcpi_bytes_sent = from.wi_tx_bytes;
	to.tcpi_bytes_received = from.wi_rx_bytes;
	to.tcpi_notsent_bytes = from.wi_sndq;
	to.tcpi_data_segs_out = from.wi_tx_frames;
	to.tcpi_data_segs_in = from.wi_rx_frames;
	return option_put(value, len, &to, sizeof(to));
}
