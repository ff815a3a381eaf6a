// SPDX-License-Identifier: GPL-2.0
/* A list of associations, as a table or as JSON. */

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "assocs.h"
#include "json.h"
#include "message.h"
#include "netlink.h"
#include "states.h"
#include "view.h"

static const struct column columns[] = {
	{ .head = "State" },
	{ .head = "Assoc", .right = true },
	{ .head = "Substreams", .right = true },
	{ .head = "Rmem", .right = true },
	{ .head = "Local Address:", .right = true, .glued = true },
	{ .head = "Port" },
	{ .head = "Peer Address:", .right = true, .glued = true },
	{ .head = "Port" },
	{}
};

/* What SCTP says, in the order of WRTCSUB_DIAG_PATH_*. */
static const char * const path_names[] = {
	[WRTCSUB_DIAG_PATH_SRTT] = "rtt_ms",
	[WRTCSUB_DIAG_PATH_RTO] = "rto_ms",
	[WRTCSUB_DIAG_PATH_CWND] = "cwnd",
	[WRTCSUB_DIAG_PATH_FRAG_POINT] = "frag_point",
	[WRTCSUB_DIAG_PATH_PEER_RWND] = "peer_rwnd",
	[WRTCSUB_DIAG_PATH_UNACKED] = "unacked",
	[WRTCSUB_DIAG_PATH_IN_STREAMS] = "in_streams",
	[WRTCSUB_DIAG_PATH_OUT_STREAMS] = "out_streams",
	[WRTCSUB_DIAG_PATH_OUT_CHUNKS] = "out_chunks",
	[WRTCSUB_DIAG_PATH_IN_CHUNKS] = "in_chunks",
	[WRTCSUB_DIAG_PATH_RTX_CHUNKS] = "rtx_chunks",
};

void assocs_begin(struct assocs *assocs, const struct view *view)
{
	memset(assocs, 0, sizeof(*assocs));
	assocs->view = view;
	if (view->json)
		assocs->json = json_object_new_array();
	else
		table_init(&assocs->table, columns, !view->no_header);
}

static void add_extended(struct table *table,
			 const struct wrtcsub_diag_assoc *msg)
{
	table_add(table, " %s role:%s",
		  msg->wdiag_initiator ? "dialed" : "accepted",
		  msg->wdiag_role_odd ? "odd" : "even");
	if (msg->wdiag_uid)
		table_add(table, " uid:%u", msg->wdiag_uid);
	if (msg->wdiag_waiting)
		table_add(table, " waiting:%u", msg->wdiag_waiting);
	table_add(table, " closing:%u", msg->wdiag_closing);
	if (msg->wdiag_flags & WRTCSUB_INFO_F_PAUSED)
		table_add(table, " paused");
	if (msg->wdiag_flags & WRTCSUB_INFO_F_INTERLEAVED)
		table_add(table, " interleaved");
	if (msg->wdiag_flags & WRTCSUB_INFO_F_RECONF)
		table_add(table, " reconf");
}

static void add_path(struct table *table, const struct assoc_entry *entry,
		     const char *before)
{
	size_t i;

	table_add(table, "%s", before);
	for (i = 0; i < ARRAY_SIZE(path_names); i++) {
		if (!path_names[i])
			continue;
		table_add(table, " %s:%llu", path_names[i],
			  (unsigned long long)entry->path[i]);
	}
}

static void add_row(struct assocs *assocs, const struct assoc_entry *entry)
{
	const struct wrtcsub_diag_assoc *msg = &entry->msg;
	const struct view *view = assocs->view;
	struct table *table = &assocs->table;

	table_row(table);
	table_cell(table, "%s", states_of_assoc(msg->wdiag_state));
	table_cell(table, "%u", msg->wdiag_assoc);
	table_cell(table, "%u", msg->wdiag_substreams);
	table_cell(table, "%u", msg->wdiag_rmem);
	view_add_end(view, table, &entry->local);
	view_add_end(view, table, &entry->peer);
	if (view->extended)
		add_extended(table, msg);
	if (view->info && entry->has_path)
		add_path(table, entry, view->oneline ? "" : "\n\t");
}

static void put_path(struct json_object *json, const struct assoc_entry *entry)
{
	struct json_object *path = json_object_new_object();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(path_names); i++)
		if (path_names[i])
			json_put_number(path, path_names[i], entry->path[i]);
	json_object_object_add(json, "path", path);
}

static void add_json(struct json_object *list, const struct assoc_entry *entry)
{
	const struct wrtcsub_diag_assoc *msg = &entry->msg;
	const char *state = states_of_assoc(msg->wdiag_state);
	struct json_object *json = json_object_new_object();

	json_put_string(json, "state", state);
	json_put_number(json, "assoc", msg->wdiag_assoc);
	json_object_object_add(json, "local", view_end_json(&entry->local));
	json_object_object_add(json, "peer", view_end_json(&entry->peer));
	json_put_flag(json, "dialed", msg->wdiag_initiator);
	json_put_string(json, "role", msg->wdiag_role_odd ? "odd" : "even");
	json_put_number(json, "uid", msg->wdiag_uid);
	json_put_number(json, "substreams", msg->wdiag_substreams);
	json_put_number(json, "waiting", msg->wdiag_waiting);
	json_put_number(json, "closing", msg->wdiag_closing);
	json_put_number(json, "rmem", msg->wdiag_rmem);
	json_put_flag(json, "paused", msg->wdiag_flags & WRTCSUB_INFO_F_PAUSED);
	json_put_flag(json, "interleaved",
		      msg->wdiag_flags & WRTCSUB_INFO_F_INTERLEAVED);
	json_put_flag(json, "reconf", msg->wdiag_flags & WRTCSUB_INFO_F_RECONF);
	if (entry->has_path)
		put_path(json, entry);
	json_object_array_add(list, json);
}

void assocs_add(struct assocs *assocs, const struct assoc_entry *entry)
{
	if (assocs->json)
		add_json(assocs->json, entry);
	else
		add_row(assocs, entry);
}

/* Prints all.  false: the user was told. */
bool assocs_end(struct assocs *assocs)
{
	if (assocs->json)
		return json_print(assocs->json);
	table_print(&assocs->table);
	return message_flush_output();
}
