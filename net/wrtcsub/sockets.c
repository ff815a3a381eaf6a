// SPDX-License-Identifier: GPL-2.0
/*
 * All sockets of a namespace: those of programs, those that wait to be
 * accepted, and those that programs have closed and that still end.
 *
 * Each has a number as long as it is there.  Who lists them goes on behind the
 * last number seen, so a socket that is there all the while is seen once,
 * whatever comes and goes meanwhile.
 *
 * /proc/net/wrtcsub has a line for each; sock_diag (diag.c) tells more.
 */

#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "assoc.h"
#include "info.h"
#include "pernet.h"
#include "sockets.h"
#include "substream.h"

/**
 * wrtcsub_sockets_add() - a socket has come
 * @ws: the socket, all of it set up: others find it from here on
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int wrtcsub_sockets_add(struct wrtcsub_sock *ws)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(sock_net(&ws->sk));
	int err;

	err = xa_alloc_cyclic_bh(&pn->sockets, &ws->number, ws,
				 XA_LIMIT(1, S32_MAX), &pn->next_socket,
				 GFP_KERNEL_ACCOUNT);
	/* Without memory the number is set all the same, and another one's. */
	if (err < 0)
		ws->number = 0;
	return min(err, 0);
}

/**
 * wrtcsub_sockets_remove() - a socket goes
 * @ws: the socket; its last reference is gone, and it may never have come
 *
 * Context: any.
 */
void wrtcsub_sockets_remove(struct wrtcsub_sock *ws)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(sock_net(&ws->sk));

	if (ws->number)
		xa_erase_bh(&pn->sockets, ws->number);
}

/**
 * wrtcsub_sockets_next() - the next socket
 * @net: the namespace
 * @id: the least number it may have; set to the number it has
 *
 * Context: process.
 * Return: it, with a reference, or NULL: that was all.
 */
struct wrtcsub_sock *wrtcsub_sockets_next(struct net *net, unsigned long *id)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);
	struct wrtcsub_sock *ws;

	/* One whose last reference is gone waits for the lock to be removed. */
	xa_lock_bh(&pn->sockets);
	ws = xa_find(&pn->sockets, id, S32_MAX, XA_PRESENT);
	while (ws && !refcount_inc_not_zero(&ws->sk.sk_refcnt))
		ws = xa_find_after(&pn->sockets, id, S32_MAX, XA_PRESENT);
	xa_unlock_bh(&pn->sockets);
	return ws;
}
EXPORT_SYMBOL_GPL(wrtcsub_sockets_next);

static void *wrtcsub_sockets_seq_find(struct seq_file *seq, loff_t *pos)
{
	unsigned long id = *pos;
	struct wrtcsub_sock *ws;

	ws = wrtcsub_sockets_next(seq_file_net(seq), &id);
	*pos = id;
	return ws;
}

static void *wrtcsub_sockets_seq_start(struct seq_file *seq, loff_t *pos)
{
	return *pos ? wrtcsub_sockets_seq_find(seq, pos) : SEQ_START_TOKEN;
}

static void wrtcsub_sockets_seq_stop(struct seq_file *seq, void *v)
{
	struct wrtcsub_sock *ws = v;

	if (v && v != SEQ_START_TOKEN)
		sock_put(&ws->sk);
}

static void *wrtcsub_sockets_seq_next(struct seq_file *seq, void *v,
				      loff_t *pos)
{
	wrtcsub_sockets_seq_stop(seq, v);
	++*pos;
	return wrtcsub_sockets_seq_find(seq, pos);
}

static void wrtcsub_sockets_seq_name(struct seq_file *seq,
				     const struct sockaddr_storage *name)
{
	if (name->ss_family == AF_UNSPEC)
		seq_puts(seq, " *");
	else
		seq_printf(seq, " %pISpc", name);
}

static void wrtcsub_sockets_seq_line(struct seq_file *seq,
				     struct wrtcsub_sock *ws)
{
	u32 word = wrtcsub_substream_state(ws);
	struct sockaddr_storage local, peer;
	struct wrtcsub_assoc *a;

	a = wrtcsub_info_names(ws, &local, &peer);
	seq_printf(seq, "%02X %X %X %5u %5u %8u %8u %6u %8lu",
		   wrtcsub_info_tcp_state(ws), wrtcsub_fsm_tx(word),
		   wrtcsub_fsm_rx(word), a ? a->id : 0,
		   wrtcsub_info_stream(ws),
		   wrtcsub_info_rqueue(ws), wrtcsub_info_wqueue(ws),
		   from_kuid_munged(seq_user_ns(seq), sk_uid(&ws->sk)),
		   (unsigned long)sock_i_ino(&ws->sk));
	wrtcsub_sockets_seq_name(seq, &local);
	wrtcsub_sockets_seq_name(seq, &peer);
	seq_putc(seq, '\n');
	if (a)
		wrtcsub_assoc_put(a);
}

static int wrtcsub_sockets_seq_show(struct seq_file *seq, void *v)
{
	if (v == SEQ_START_TOKEN)
		seq_puts(seq, "st tx rx assoc stream rx_queue tx_queue uid inode local peer\n");
	else
		wrtcsub_sockets_seq_line(seq, v);
	return 0;
}

static const struct seq_operations wrtcsub_sockets_seq_ops = {
	.start	= wrtcsub_sockets_seq_start,
	.next	= wrtcsub_sockets_seq_next,
	.stop	= wrtcsub_sockets_seq_stop,
	.show	= wrtcsub_sockets_seq_show,
};

/**
 * wrtcsub_sockets_init_net() - make the list of a namespace
 * @net: the namespace
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int wrtcsub_sockets_init_net(struct net *net)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);

	xa_init_flags(&pn->sockets, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_BH);
	if (!proc_create_net("wrtcsub", 0444, net->proc_net,
			     &wrtcsub_sockets_seq_ops,
			     sizeof(struct seq_net_private)))
		return -ENOMEM;
	return 0;
}

/**
 * wrtcsub_sockets_exit_net() - give the list of a namespace back
 * @net: the namespace, which has no sockets
 *
 * Context: process, may sleep.
 */
void wrtcsub_sockets_exit_net(struct net *net)
{
	remove_proc_entry("wrtcsub", net->proc_net);
	xa_destroy(&wrtcsub_pernet(net)->sockets);
}
