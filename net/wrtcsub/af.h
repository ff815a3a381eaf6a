/* SPDX-License-Identifier: GPL-2.0 */
/* The socket calls; each has a file. */
#ifndef _NET_WRTCSUB_AF_H
#define _NET_WRTCSUB_AF_H

#include <linux/net.h>
#include <net/sock.h>

struct wrtcsub_sock;

void wrtcsub_af_init(void);
int wrtcsub_af_bind(struct socket *sock, struct sockaddr_unsized *addr,
		    int len);
int wrtcsub_af_bind_any(struct wrtcsub_sock *ws);
int wrtcsub_af_make_bound(struct wrtcsub_sock *ws, int family);
void wrtcsub_af_drop_bound(struct wrtcsub_sock *ws);
int wrtcsub_af_connect(struct socket *sock, struct sockaddr_unsized *addr,
		       int len, int flags);
int wrtcsub_af_wait_connect(struct sock *sk, long *timeo);
void wrtcsub_af_splice_eof(struct socket *sock);
int wrtcsub_af_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int wrtcsub_af_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		       int flags);
int wrtcsub_af_shutdown(struct socket *sock, int how);
int wrtcsub_af_release(struct socket *sock);
int wrtcsub_af_set_option(struct socket *sock, int option, sockptr_t value,
			  unsigned int len);
int wrtcsub_af_get_option(struct socket *sock, int option, char __user *value,
			  int __user *len);
int wrtcsub_af_set_sctp(struct socket *sock, int level, int option,
			sockptr_t value, unsigned int len);
int wrtcsub_af_get_sctp(struct socket *sock, int level, int option,
			char __user *value, int __user *len);
int wrtcsub_af_attach(struct wrtcsub_sock *ws, int fd);
int wrtcsub_af_setsockopt(struct socket *sock, int level, int option,
			  sockptr_t value, unsigned int len);
int wrtcsub_af_set_rcvlowat(struct sock *sk, int val);
int wrtcsub_af_getsockopt(struct socket *sock, int level, int option,
			  char __user *value, int __user *len);
__poll_t wrtcsub_af_poll(struct file *file, struct socket *sock,
			 poll_table *wait);

#endif /* _NET_WRTCSUB_AF_H */
