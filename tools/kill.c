// SPDX-License-Identifier: GPL-2.0
/*
 * wrtcsub kill: ends what wrtcsub show lists, and lists what it has ended.
 *
 * What ends by itself between the list and its turn is none of our business.
 */

#include <errno.h>
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
	.command = FOR_KILL,
	.synopsis = "kill [OPTION]... assoc N | FILTER",
	.text =
"Ends an association with all that is on it, or the sockets that wrtcsub show\n"
"lists with the same options and filter, and lists what it has ended.  Calls\n"
"on them return ECONNABORTED.  It needs CAP_NET_ADMIN.  The exit status is 0\n"
"if there was something to end, and all of it was ended.",
	.min_args = 1,
	.max_args = ARGS_ANY,
};

struct killing {
	struct mnl_socket	*nl;
	struct sockets		sockets;
	struct assocs		assocs;
	unsigned long		ended;
	unsigned long		failed;
};

static bool is_ended(struct killing *k, int error)
{
	if (!error)
		k->ended++;
	if (!error || error == ENOENT)
		return !error;
	/* Once is enough. */
	if (!k->failed++)
		message("%s", error == EPERM ? "kill needs CAP_NET_ADMIN" :
					       strerror(error));
	return false;
}

static void on_socket(const struct socket_entry *entry, void *arg)
{
	struct killing *k = arg;

	if (!filter_wants_socket(&k->sockets.view->filter, entry))
		return;
	if (is_ended(k, netlink_destroy_socket(k->nl,
					       entry->msg.wdiag_cookie)))
		sockets_add(&k->sockets, entry);
}

static void on_assoc(const struct assoc_entry *entry, void *arg)
{
	struct killing *k = arg;

	if (!filter_wants_assoc(&k->assocs.view->filter, entry))
		return;
	if (is_ended(k, netlink_destroy_assoc(k->nl, entry->msg.wdiag_assoc)))
		assocs_add(&k->assocs, entry);
}

static bool kill_sockets(struct mnl_socket *nl, struct killing *k,
			 const struct view *view)
{
	bool ok;

	sockets_begin(&k->sockets, view);
	ok = netlink_list_sockets(nl, &view->filter.request, on_socket, k);
	return sockets_end(&k->sockets) && ok;
}

static bool kill_assoc(struct mnl_socket *nl, struct killing *k,
		       const struct view *view)
{
	bool ok;

	assocs_begin(&k->assocs, view);
	ok = netlink_list_assocs(nl, &view->filter.request, on_assoc, k);
	return assocs_end(&k->assocs) && ok;
}

int kill_main(int argc, char **argv)
{
	struct killing k = {};
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
	/* Everything is only ended by who says so. */
	if (view.filter.for_assocs || filter_is_empty(&view.filter)) {
		usage_wrong(&usage);
		return STATUS_USAGE;
	}

	/* One to list, and one to end meanwhile. */
	nl = netlink_open();
	k.nl = nl ? netlink_open() : NULL;
	if (!k.nl)
		return STATUS_FAILED;
	ok = filter_is_assoc(&view.filter) ? kill_assoc(nl, &k, &view) :
					     kill_sockets(nl, &k, &view);
	mnl_socket_close(k.nl);
	mnl_socket_close(nl);
	filter_free(&view.filter);
	return ok && k.ended && !k.failed ? STATUS_OK : STATUS_FAILED;
}
