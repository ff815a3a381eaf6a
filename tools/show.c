// SPDX-License-Identifier: GPL-2.0
/* wrtcsub show: lists sockets, or associations. */

#include <string.h>
#include <unistd.h>
#include <libmnl/libmnl.h>

#include "assocs.h"
#include "commands.h"
#include "message.h"
#include "netlink.h"
#include "sockets.h"
#include "view.h"

static const struct usage usage = {
	.options = view_options,
	.command = FOR_SHOW,
	.synopsis = "show [assoc] [OPTION]... [FILTER]",
	.text =
"Lists substreams, and with -a or -l listeners, of this network namespace;\n"
"with the word assoc, and no number behind it, associations.  A filter is of\n"
"  state S, exclude S       established, syn-sent, fin-wait-1, fin-wait-2,\n"
"                           close-wait, last-ack, closed, listening,\n"
"                           connected, synchronized, all; of associations:\n"
"                           connecting, up, closing, closed, all\n"
"  src ADDR[/LEN][:PORT]    local address, or a host\n"
"  dst ADDR[/LEN][:PORT]    address of the peer\n"
"  sport OP PORT            local port, or a service\n"
"  dport OP PORT            port of the peer\n"
"  assoc OP N               on this association\n"
"  stream OP N              with this stream identifier\n"
"  uid OP N                 of this user\n"
"where OP is =, !=, >, <, >=, <= or nothing; all but states may be joined by\n"
"and, or, not, ( and ).",
	.max_args = ARGS_ANY,
};

static void on_socket(const struct socket_entry *entry, void *arg)
{
	struct sockets *sockets = arg;

	if (filter_wants_socket(&sockets->view->filter, entry))
		sockets_add(sockets, entry);
}

static void on_assoc(const struct assoc_entry *entry, void *arg)
{
	struct assocs *assocs = arg;

	if (filter_wants_assoc(&assocs->view->filter, entry))
		assocs_add(assocs, entry);
}

static bool show_sockets(struct mnl_socket *nl, const struct view *view)
{
	struct sockets sockets;
	bool ok;

	sockets_begin(&sockets, view);
	ok = netlink_list_sockets(nl, &view->filter.request, on_socket,
				  &sockets);
	return sockets_end(&sockets) && ok;
}

static bool show_assocs(struct mnl_socket *nl, const struct view *view)
{
	struct assocs assocs;
	bool ok;

	assocs_begin(&assocs, view);
	ok = netlink_list_assocs(nl, &view->filter.request, on_assoc, &assocs);
	return assocs_end(&assocs) && ok;
}

int show_main(int argc, char **argv)
{
	struct view view = {};
	struct mnl_socket *nl;
	bool ok;

	switch (usage_parse(&usage, argc, argv, view_parse, &view)) {
	case USAGE_HELP:
		return STATUS_OK;
	case USAGE_WRONG:
		return STATUS_USAGE;
	case USAGE_RUN:
		break;
	}
	if (!view_filter(&view, argv + optind))
		return STATUS_USAGE;

	nl = netlink_open();
	if (!nl)
		return STATUS_FAILED;
	ok = view.filter.for_assocs ? show_assocs(nl, &view) :
				      show_sockets(nl, &view);
	mnl_socket_close(nl);
	filter_free(&view.filter);
	return ok ? STATUS_OK : STATUS_FAILED;
}
