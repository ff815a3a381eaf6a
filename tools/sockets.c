// SPDX-License-Identifier: GPL-2.0
/* A list of sockets, as a table; sockets_json.c has the other form. */

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>

#include "cgroup.h"
#include "json.h"
#include "message.h"
#include "names.h"
#include "netlink.h"
#include "process.h"
#include "sockets.h"
#include "states.h"
#include "text.h"
#include "view.h"

static const struct column columns[] = {
	{ .head = "State" },
	{ .head = "Recv-Q", .right = true },
	{ .head = "Send-Q", .right = true },
	{ .head = "Local Address:", .right = true, .glued = true },
	{ .head = "Port" },
	{ .head = "Peer Address:", .right = true, .glued = true },
	{ .head = "Port" },
	{ .head = "Assoc:", .right = true, .glued = true },
	{ .head = "Stream" },
	{}
};

void sockets_begin(struct sockets *sockets, const struct view *view)
{
	memset(sockets, 0, sizeof(*sockets));
	sockets->view = view;
	if (view->json)
		sockets->json = json_object_new_array();
	else
		table_init(&sockets->table, columns, !view->no_header);
	if (view->processes)
		process_scan();
}

/* Which attributes the kernel has to send, as 1 << WRTCSUB_DIAG_*. */
unsigned int sockets_attributes(const struct view *view)
{
	unsigned int show = 0;

	if (view->extended || view->json)
		show |= 1 << WRTCSUB_DIAG_CGROUP | 1 << WRTCSUB_DIAG_LABEL |
			1 << WRTCSUB_DIAG_PROTOCOL;
	if (view->options || view->json)
		show |= 1 << WRTCSUB_DIAG_TIMER | 1 << WRTCSUB_DIAG_OPTIONS;
	if (view->info || view->json)
		show |= 1 << WRTCSUB_DIAG_INFO;
	if (view->memory || view->json)
		show |= 1 << WRTCSUB_DIAG_MEMINFO;
	return show;
}

static void add_stream(struct table *table, const struct wrtcsub_diag_msg *msg)
{
	if (msg->wdiag_assoc)
		table_cell(table, "%u:", msg->wdiag_assoc);
	else
		table_cell(table, "-:");
	if (msg->wdiag_flags & WRTCSUB_INFO_F_CONNECTED)
		table_cell(table, "%u", msg->wdiag_stream);
	else
		table_cell(table, "-");
}

/* users:(("cat",pid=1,fd=3),("cat",pid=2,fd=3)) */
static void add_processes(struct table *table, unsigned long long inode)
{
	const struct process *process = process_first(inode);
	struct text text = {};

	for (; process; process = process_next(process)) {
		text_add(&text, "%s(\"", text.len ? "," : "");
		text_add_bytes(&text, process->name, strlen(process->name));
		text_add(&text, "\",pid=%d,fd=%d)", process->pid, process->fd);
	}
	if (text.len)
		table_add(table, " users:(%s)", text.string);
	text_free(&text);
}

static void add_bytes(struct table *table, const char *name,
		      const void *bytes, size_t len)
{
	struct text text = {};

	text_add_bytes(&text, bytes, len);
	if (len)
		table_add(table, " %s:\"%s\"", name, text.string);
	text_free(&text);
}

static void add_extended(struct table *table, const struct socket_entry *entry)
{
	const struct wrtcsub_diag_msg *msg = &entry->msg;

	table_add(table, " tx:%s rx:%s", name_of_tx(msg->wdiag_tx_state),
		  name_of_rx(msg->wdiag_rx_state));
	table_add(table, " %s", name_of_type(msg->wdiag_type));
	if (msg->wdiag_uid)
		table_add(table, " uid:%u", msg->wdiag_uid);
	table_add(table, " ino:%llu sk:%llx",
		  (unsigned long long)msg->wdiag_ino,
		  (unsigned long long)msg->wdiag_cookie[1] << 32 |
		  msg->wdiag_cookie[0]);
	if (entry->cgroup)
		table_add(table, " cgroup:%s", cgroup_path(entry->cgroup));
	add_bytes(table, "label", entry->label, entry->label_len);
	add_bytes(table, "protocol", entry->protocol, entry->protocol_len);
	if (msg->wdiag_flags & WRTCSUB_INFO_F_NEGOTIATED)
		table_add(table, " negotiated");
	if (msg->wdiag_flags & WRTCSUB_INFO_F_PAUSED)
		table_add(table, " paused");
}

static void add_options(struct table *table, const struct socket_entry *entry)
{
	const __u32 *option = entry->options;
	bool open;

	open = entry->msg.wdiag_state == TCP_SYN_SENT;
	if (entry->fin_ack_runs)
		table_add(table, " timer:(%s,%ums)",
			  open ? "open" : "fin-ack", entry->fin_ack_ms);
	if (entry->close_runs)
		table_add(table, " timer:(close,%ums)", entry->close_ms);
	table_add(table, " fin_ack_timeout:%ums max_frame:%u frame_split:%u",
		  option[WRTCSUB_FIN_ACK_TIMEOUT], option[WRTCSUB_MAX_FRAME],
		  option[WRTCSUB_FRAME_SPLIT]);
	if (option[WRTCSUB_NODELAY])
		table_add(table, " nodelay");
	table_add(table, " rcv_overflow:%s",
		  name_of_overflow(option[WRTCSUB_RCV_OVERFLOW]));
}

static void add_memory(struct table *table, const __u32 *mem)
{
	table_add(table, " skmem:(r%u,rb%u,t%u,tb%u,f%u,w%u,o%u,bl%u,d%u)",
		  mem[SK_MEMINFO_RMEM_ALLOC], mem[SK_MEMINFO_RCVBUF],
		  mem[SK_MEMINFO_WMEM_ALLOC], mem[SK_MEMINFO_SNDBUF],
		  mem[SK_MEMINFO_FWD_ALLOC], mem[SK_MEMINFO_WMEM_QUEUED],
		  mem[SK_MEMINFO_OPTMEM], mem[SK_MEMINFO_BACKLOG],
		  mem[SK_MEMINFO_DROPS]);
}

static void add_info(struct table *table, const struct wrtcsub_info *info,
		     const char *before)
{
	if (!(info->wi_flags & WRTCSUB_INFO_F_CONNECTED))
		return;
	table_add(table, "%s bytes_sent:%llu bytes_received:%llu", before,
		  (unsigned long long)info->wi_tx_bytes,
		  (unsigned long long)info->wi_rx_bytes);
	table_add(table, " frames_out:%llu frames_in:%llu",
		  (unsigned long long)info->wi_tx_frames,
		  (unsigned long long)info->wi_rx_frames);
	if (info->wi_fin_rtt_us)
		table_add(table, " fin_rtt:%.3fms",
			  info->wi_fin_rtt_us / 1000.0);
	if (info->wi_error_code)
		table_add(table, " error_code:%u", info->wi_error_code);
	table_add(table, " role:%s", info->wi_role_odd ? "odd" : "even");
	if (info->wi_flags & WRTCSUB_INFO_F_ACKED)
		table_add(table, " acked");
	if (info->wi_flags & WRTCSUB_INFO_F_INTERLEAVED)
		table_add(table, " interleaved");
	if (info->wi_flags & WRTCSUB_INFO_F_RECONF)
		table_add(table, " reconf");
	table_add(table, " substreams:%u closing:%u assoc_rmem:%u",
		  info->wi_assoc_substreams, info->wi_assoc_channels_closing,
		  info->wi_assoc_rmem);
	table_add(table, " rtt:%ums cwnd:%u peer_rwnd:%u",
		  info->wi_assoc_srtt_ms, info->wi_assoc_cwnd,
		  info->wi_assoc_peer_rwnd);
	table_add(table, " streams:%u/%u rtx_chunks:%llu",
		  info->wi_assoc_out_streams, info->wi_assoc_in_streams,
		  (unsigned long long)info->wi_assoc_rtx_chunks);
}

static void add_row(struct sockets *sockets, const struct socket_entry *entry)
{
	const struct wrtcsub_diag_msg *msg = &entry->msg;
	const struct view *view = sockets->view;
	struct table *table = &sockets->table;

	table_row(table);
	table_cell(table, "%s", states_of_socket(msg->wdiag_state));
	table_cell(table, "%u", msg->wdiag_rqueue);
	table_cell(table, "%u", msg->wdiag_wqueue);
	view_add_end(view, table, &entry->local);
	view_add_end(view, table, &entry->peer);
	add_stream(table, msg);
	if (view->processes)
		add_processes(table, msg->wdiag_ino);
	if (view->extended)
		add_extended(table, entry);
	if (view->options)
		add_options(table, entry);
	if (view->memory)
		add_memory(table, entry->meminfo);
	if (view->info)
		add_info(table, &entry->info, view->oneline ? "" : "\n\t");
}

void sockets_add(struct sockets *sockets, const struct socket_entry *entry)
{
	if (sockets->json)
		json_object_array_add(sockets->json,
				      sockets_json(entry,
						   sockets->view->processes));
	else
		add_row(sockets, entry);
}

/* Prints all.  false: the user was told. */
bool sockets_end(struct sockets *sockets)
{
	if (sockets->json)
		return json_print(sockets->json);
	table_print(&sockets->table);
	return message_flush_output();
}
