// SPDX-License-Identifier: GPL-2.0
/* A socket as JSON, with all that is known of it. */

#include <json-c/json.h>
#include <string.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>

#include "cgroup.h"
#include "json.h"
#include "names.h"
#include "netlink.h"
#include "process.h"
#include "sockets.h"
#include "states.h"
#include "view.h"

static struct json_object *processes_json(unsigned long long inode)
{
	struct json_object *list = json_object_new_array(), *json;
	const struct process *process = process_first(inode);

	for (; process; process = process_next(process)) {
		json = json_object_new_object();
		json_put_bytes(json, "name", process->name, strlen(process->name));
		json_put_number(json, "pid", process->pid);
		json_put_number(json, "fd", process->fd);
		json_object_array_add(list, json);
	}
	return list;
}

static struct json_object *timers_json(const struct socket_entry *entry)
{
	bool open = entry->msg.wdiag_state == TCP_SYN_SENT;
	struct json_object *json = json_object_new_object();

	if (entry->fin_ack_runs)
		json_put_number(json, open ? "open_ms" : "fin_ack_ms",
				entry->fin_ack_ms);
	if (entry->close_runs)
		json_put_number(json, "close_ms", entry->close_ms);
	return json;
}

static struct json_object *options_json(const __u32 *option)
{
	struct json_object *json = json_object_new_object();

	json_put_number(json, "fin_ack_timeout_ms",
			option[WRTCSUB_FIN_ACK_TIMEOUT]);
	json_put_number(json, "max_frame", option[WRTCSUB_MAX_FRAME]);
	json_put_number(json, "frame_split", option[WRTCSUB_FRAME_SPLIT]);
	json_put_flag(json, "nodelay", option[WRTCSUB_NODELAY]);
	json_put_string(json, "rcv_overflow",
			name_of_overflow(option[WRTCSUB_RCV_OVERFLOW]));
	return json;
}

static struct json_object *memory_json(const __u32 *mem)
{
	struct json_object *json = json_object_new_object();

	json_put_number(json, "rmem_alloc", mem[SK_MEMINFO_RMEM_ALLOC]);
	json_put_number(json, "rcvbuf", mem[SK_MEMINFO_RCVBUF]);
	json_put_number(json, "wmem_alloc", mem[SK_MEMINFO_WMEM_ALLOC]);
	json_put_number(json, "sndbuf", mem[SK_MEMINFO_SNDBUF]);
	json_put_number(json, "fwd_alloc", mem[SK_MEMINFO_FWD_ALLOC]);
	json_put_number(json, "wmem_queued", mem[SK_MEMINFO_WMEM_QUEUED]);
	json_put_number(json, "optmem", mem[SK_MEMINFO_OPTMEM]);
	json_put_number(json, "backlog", mem[SK_MEMINFO_BACKLOG]);
	json_put_number(json, "drops", mem[SK_MEMINFO_DROPS]);
	return json;
}

static struct json_object *info_json(const struct wrtcsub_info *info)
{
	struct json_object *json = json_object_new_object();

	json_put_number(json, "bytes_sent", info->wi_tx_bytes);
	json_put_number(json, "bytes_received", info->wi_rx_bytes);
	json_put_number(json, "frames_out", info->wi_tx_frames);
	json_put_number(json, "frames_in", info->wi_rx_frames);
	json_put_number(json, "fin_rtt_us", info->wi_fin_rtt_us);
	json_put_number(json, "error_code", info->wi_error_code);
	json_put_string(json, "role", info->wi_role_odd ? "odd" : "even");
	json_put_flag(json, "acked", info->wi_flags & WRTCSUB_INFO_F_ACKED);
	json_put_flag(json, "interleaved",
		      info->wi_flags & WRTCSUB_INFO_F_INTERLEAVED);
	json_put_flag(json, "reconf", info->wi_flags & WRTCSUB_INFO_F_RECONF);
	json_put_number(json, "substreams", info->wi_assoc_substreams);
	json_put_number(json, "closing", info->wi_assoc_channels_closing);
	json_put_number(json, "assoc_rmem", info->wi_assoc_rmem);
	json_put_number(json, "rtt_ms", info->wi_assoc_srtt_ms);
	json_put_number(json, "cwnd", info->wi_assoc_cwnd);
	json_put_number(json, "peer_rwnd", info->wi_assoc_peer_rwnd);
	json_put_number(json, "out_streams", info->wi_assoc_out_streams);
	json_put_number(json, "in_streams", info->wi_assoc_in_streams);
	json_put_number(json, "rtx_chunks", info->wi_assoc_rtx_chunks);
	return json;
}

/* What only an open channel has. */
static void put_channel(struct json_object *json,
			const struct socket_entry *entry)
{
	__u8 flags = entry->msg.wdiag_flags;

	if (!(flags & WRTCSUB_INFO_F_CONNECTED))
		return;
	json_put_number(json, "stream", entry->msg.wdiag_stream);
	json_put_bytes(json, "label", entry->label, entry->label_len);
	json_put_bytes(json, "protocol", entry->protocol, entry->protocol_len);
	json_put_flag(json, "negotiated", flags & WRTCSUB_INFO_F_NEGOTIATED);
	json_put_flag(json, "paused", flags & WRTCSUB_INFO_F_PAUSED);
	json_object_object_add(json, "info", info_json(&entry->info));
}

struct json_object *sockets_json(const struct socket_entry *entry,
				 bool processes)
{
	struct json_object *json = json_object_new_object();
	const struct wrtcsub_diag_msg *msg = &entry->msg;

	json_put_string(json, "state", states_of_socket(msg->wdiag_state));
	json_put_number(json, "recv_q", msg->wdiag_rqueue);
	json_put_number(json, "send_q", msg->wdiag_wqueue);
	json_object_object_add(json, "local", view_end_json(&entry->local));
	json_object_object_add(json, "peer", view_end_json(&entry->peer));
	if (msg->wdiag_assoc)
		json_put_number(json, "assoc", msg->wdiag_assoc);
	put_channel(json, entry);
	json_put_string(json, "type", name_of_type(msg->wdiag_type));
	json_put_string(json, "tx", name_of_tx(msg->wdiag_tx_state));
	json_put_string(json, "rx", name_of_rx(msg->wdiag_rx_state));
	json_put_number(json, "uid", msg->wdiag_uid);
	json_put_number(json, "inode", msg->wdiag_ino);
	json_put_number(json, "cookie", (__u64)msg->wdiag_cookie[1] << 32 |
				   msg->wdiag_cookie[0]);
	if (entry->cgroup)
		json_put_string(json, "cgroup", cgroup_path(entry->cgroup));
	json_object_object_add(json, "timers", timers_json(entry));
	json_object_object_add(json, "options", options_json(entry->options));
	json_object_object_add(json, "memory", memory_json(entry->meminfo));
	if (processes)
		json_object_object_add(json, "processes",
				       processes_json(msg->wdiag_ino));
	return json;
}
