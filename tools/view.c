// SPDX-License-Identifier: GPL-2.0
/* What of sockets and associations is listed, and how: as ss(8) does it. */

#include <json-c/json.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "address.h"
#include "json.h"
#include "sockets.h"
#include "table.h"
#include "view.h"

const struct option_entry view_options[] = {
	{ '4', FOR_SHOW | FOR_KILL, "ipv4", NULL,
	  "only IPv4" },
	{ '6', FOR_SHOW | FOR_KILL, "ipv6", NULL,
	  "only IPv6" },
	{ 'a', FOR_SHOW | FOR_KILL, "all", NULL,
	  "in all states, also listening and closed" },
	{ 'l', FOR_SHOW | FOR_KILL, "listening", NULL,
	  "only listening sockets" },
	{ 'n', FOR_SHOW | FOR_KILL, "numeric", NULL,
	  "ports as numbers, not as services" },
	{ 'p', FOR_SHOW | FOR_KILL, "processes", NULL,
	  "which processes have the socket" },
	{ 'e', FOR_SHOW | FOR_KILL, "extended", NULL,
	  "states of both halves, type, user, inode, cookie,\n"
	  "cgroup, label and protocol of the channel; implies -o" },
	{ 'o', FOR_SHOW | FOR_KILL, "options", NULL,
	  "timers that run, and options of the socket" },
	{ 'i', FOR_SHOW | FOR_KILL, "info", NULL,
	  "what has gone each way, and what SCTP knows" },
	{ 'm', FOR_SHOW | FOR_KILL, "memory", NULL,
	  "memory of the socket" },
	{ 'j', FOR_SHOW | FOR_KILL, "json", NULL,
	  "JSON, with all that is known" },
	{ 'O', FOR_SHOW | FOR_KILL, "oneline", NULL,
	  "each on one line, also with -i" },
	{ 'H', FOR_SHOW | FOR_KILL, "no-header", NULL,
	  "no line with the names of the columns" },
	{}
};

bool view_parse(void *data, int key, const char *arg)
{
	struct view *view = data;

	(void)arg;
	switch (key) {
	case '4':
		view->filter.family = AF_INET;
		return true;
	case '6':
		view->filter.family = AF_INET6;
		return true;
	case 'a':
		view->all = true;
		return true;
	case 'l':
		view->listening = true;
		return true;
	case 'n':
		view->numeric = true;
		return true;
	case 'p':
		view->processes = true;
		return true;
	case 'e':
		view->extended = true;
		view->options = true;
		return true;
	case 'o':
		view->options = true;
		return true;
	case 'i':
		view->info = true;
		return true;
	case 'm':
		view->memory = true;
		return true;
	case 'j':
		view->json = true;
		return true;
	case 'O':
		view->oneline = true;
		return true;
	case 'H':
		view->no_header = true;
		return true;
	}
	return false;
}

static unsigned int usual_states(const struct view *view)
{
	unsigned int open = ~(1U << TCP_LISTEN | 1U << TCP_CLOSE);

	if (view->all)
		return WRTCSUB_DIAG_ALL_STATES;
	return view->listening ? 1U << TCP_LISTEN : open;
}

/* What is asked for by words, after the options were parsed.  false: the user
 * was told.
 */
bool view_filter(struct view *view, char **args)
{
	struct filter *filter = &view->filter;
	struct wrtcsub_diag_req *req = &filter->request.req;

	if (!filter_parse(filter, args))
		return false;
	req->wdiag_states = filter->expression.has_states ?
			    filter->expression.states : usual_states(view);
	if (!filter->for_assocs)
		req->wdiag_show = sockets_attributes(view);
	else if (view->info || view->json)
		req->wdiag_show = 1U << WRTCSUB_DIAG_PATH;
	return true;
}

static int port_of(const struct sockaddr_storage *ss)
{
	return ss->ss_family == AF_INET6 ?
	       ((struct sockaddr_in6 *)ss)->sin6_port :
	       ((struct sockaddr_in *)ss)->sin_port;
}

/* Two cells: the address and the port; a port may be a service. */
void view_add_end(const struct view *view, struct table *table,
		  const struct sockaddr_storage *ss)
{
	struct servent *service = NULL;
	struct address_text text;

	if (!ss->ss_family) {
		table_cell(table, "*:");
		table_cell(table, "*");
		return;
	}
	address_to_text(&text, (struct sockaddr *)ss, sizeof(*ss));
	table_cell(table, ss->ss_family == AF_INET6 ? "[%s]:" : "%s:",
		   text.host);
	if (!view->numeric)
		service = getservbyport(port_of(ss), "sctp");
	table_cell(table, "%s", service ? service->s_name : text.port);
}

/* NULL, which is JSON's null, if there is none. */
struct json_object *view_end_json(const struct sockaddr_storage *ss)
{
	struct json_object *json;
	struct address_text text;

	if (!ss->ss_family)
		return NULL;
	address_to_text(&text, (struct sockaddr *)ss, sizeof(*ss));
	json = json_object_new_object();
	json_put_string(json, "address", text.host);
	json_put_number(json, "port", ntohs(port_of(ss)));
	return json;
}
