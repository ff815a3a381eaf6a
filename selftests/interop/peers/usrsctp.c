// SPDX-License-Identifier: GPL-2.0
/*
 * A relay on usrsctp, used as browsers use it: packets go through us (AF_CONN),
 * and DCEP is ours.  See README.
 *
 * Three threads: one takes commands and may wait for room in the send buffer;
 * one takes packets, and usrsctp hands up what they bring in it; and one sends
 * what that makes necessary, for the one that takes packets must not wait.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <usrsctp.h>

#define SCTP_PORT	5000
#define STREAMS		1024
#define BUFFER		(1 << 20)
#define PACKET_MAX	65536
#define MADE_MAX	8192
#define RETRY_US	5000
#define RETRY_NS	10000000
#define NSEC		1000000000
#define CHUNK_TYPE	12		/* where it is in a packet */
#define CHUNK_ABORT	6
#define ABORT_COPIES	3

#define PPID_DCEP	50
#define DCEP_ACK	2
#define DCEP_OPEN	3
#define DCEP_OPEN_LEN	12

struct head {
	uint8_t op;
	uint8_t kind;
	uint16_t sid;
	uint32_t ppid;
	uint32_t len;
} __attribute__((packed));

/* What is known of a channel: it is closed when both directions are reset. */
#define CHANNEL_OPEN	1
#define CHANNEL_ASKED	2		/* for the reset of ours */
#define CHANNEL_OUT	4		/* ours is reset */
#define CHANNEL_IN	8		/* the other side's is */

static struct socket *sock, *listener;
static sem_t accepted;		/* now sock is */
static int udp;
static struct head made[MADE_MAX];	/* of the thread that takes packets */
static unsigned int nr_made;
static int todo[2];		/* pipe to the thread that sends */
static pthread_mutex_t out_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t room_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t room = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t state_lock = PTHREAD_MUTEX_INITIALIZER;
static uint8_t channels[65536];

static void write_all(int fd, const void *buf, size_t len)
{
	ssize_t ret;

	while (len) {
		ret = write(fd, buf, len);
		if (ret < 0)
			exit(0);
		buf = (const char *)buf + ret;
		len -= ret;
	}
}

static bool read_all(int fd, void *buf, size_t len)
{
	ssize_t ret;

	while (len) {
		ret = read(fd, buf, len);
		if (ret <= 0)
			return false;
		buf = (char *)buf + ret;
		len -= ret;
	}
	return true;
}

static void put(char op, uint8_t kind, uint16_t sid, uint32_t ppid,
		const void *data, size_t len)
{
	struct head head = {
		.op = op,
		.kind = kind,
		.sid = htons(sid),
		.ppid = htonl(ppid),
		.len = htonl(len),
	};

	pthread_mutex_lock(&out_lock);
	write_all(1, &head, sizeof(head));
	write_all(1, data, len);
	pthread_mutex_unlock(&out_lock);
}

static void put_error(uint16_t sid, const char *what)
{
	char text[128];

	snprintf(text, sizeof(text), "%s: %s", what, strerror(errno));
	put('E', 0, sid, 0, text, strlen(text));
}

/* Return: what it was before. */
static uint8_t set_state(uint16_t sid, uint8_t bits)
{
	uint8_t old;

	pthread_mutex_lock(&state_lock);
	old = channels[sid];
	channels[sid] |= bits;
	if (channels[sid] & CHANNEL_OUT && channels[sid] & CHANNEL_IN)
		channels[sid] = 0;
	pthread_mutex_unlock(&state_lock);
	if (old && !channels[sid])
		put('C', 0, sid, 0, NULL, 0);
	return old;
}

static int packet_out(void *addr, void *buf, size_t len, uint8_t tos,
		      uint8_t set_df)
{
	const uint8_t *bytes = buf;
	int copies = 1;

	(void)addr;
	(void)tos;
	(void)set_df;
	/* It is not answered, and so not sent again if it is lost. */
	if (len > CHUNK_TYPE && bytes[CHUNK_TYPE] == CHUNK_ABORT)
		copies = ABORT_COPIES;
	/* What UDP does not take is lost, as any packet may be. */
	while (copies--)
		send(udp, buf, len, 0);
	return 0;
}

/* By the thread that takes packets: while usrsctp 0.9.5 handles one, it looks
 * twice, without a lock, at which listener a socket has, and an accept between
 * the two looks leaves it with none (mended in 5335d225d144, "Lock ACCEPT_LOCK
 * before checking socket->so_head").
 */
static void accept_one(void)
{
	sock = usrsctp_accept(listener, NULL, NULL);
	if (sock)
		sem_post(&accepted);
	else if (errno != EWOULDBLOCK)
		err(1, "accept");
}

static void *packets_in(void *arg)
{
	static char buf[PACKET_MAX];
	ssize_t len;

	(void)arg;
	for (;;) {
		len = recv(udp, buf, sizeof(buf), 0);
		if (len <= 0)
			continue;
		usrsctp_conninput(&udp, buf, len, 0);
		if (!sock)
			accept_one();
		write_all(todo[1], made, nr_made * sizeof(*made));
		nr_made = 0;
	}
	return NULL;
}

/* usrsctp says that there is room, with locks of its own held. */
static int got_room(struct socket *so, uint32_t free, void *arg)
{
	(void)so;
	(void)free;
	(void)arg;
	pthread_cond_signal(&room);
	return 1;
}

static void send_message(uint16_t sid, uint32_t ppid, const void *data,
			 size_t len)
{
	struct sctp_sndinfo info = {
		.snd_sid = sid,
		.snd_ppid = htonl(ppid),
	};
	struct timespec retry;

	/* A socket with a callback never waits. */
	pthread_mutex_lock(&room_lock);
	while (usrsctp_sendv(sock, data, len, NULL, 0, &info, sizeof(info),
			     SCTP_SENDV_SNDINFO, 0) != (ssize_t)len) {
		if (errno != EAGAIN) {
			put_error(sid, "send");
			break;
		}
		clock_gettime(CLOCK_REALTIME, &retry);
		retry.tv_nsec += RETRY_NS;
		if (retry.tv_nsec >= NSEC) {
			retry.tv_nsec -= NSEC;
			retry.tv_sec++;
		}
		pthread_cond_timedwait(&room, &room_lock, &retry);
	}
	pthread_mutex_unlock(&room_lock);
}

/* One request can be under way, and data must be sent before. */
static void reset_stream(uint16_t sid)
{
	char buf[sizeof(struct sctp_reset_streams) + sizeof(uint16_t)] = {};
	struct sctp_reset_streams *reset = (void *)buf;

	reset->srs_flags = SCTP_STREAM_RESET_OUTGOING;
	reset->srs_number_streams = 1;
	reset->srs_stream_list[0] = sid;
	while (usrsctp_setsockopt(sock, IPPROTO_SCTP, SCTP_RESET_STREAMS, reset,
				  sizeof(buf))) {
		if (errno != EALREADY && errno != EAGAIN && errno != EBUSY) {
			put_error(sid, "reset");
			return;
		}
		usleep(RETRY_US);
	}
}

/* The thread that sends: what to do comes as heads. */
static void *do_all(void *arg)
{
	uint8_t ack = DCEP_ACK;
	struct head head;

	(void)arg;
	while (read_all(todo[0], &head, sizeof(head))) {
		if (head.op == 'K') {
			send_message(head.sid, PPID_DCEP, &ack, sizeof(ack));
			continue;
		}
		if (head.op == 'F')
			usleep(RETRY_US);
		reset_stream(head.sid);
	}
	return NULL;
}

static void later(char op, uint16_t sid)
{
	struct head head = { .op = op, .sid = sid };

	write_all(todo[1], &head, sizeof(head));
}

/* What a packet makes necessary comes after the answers of usrsctp itself: a
 * reset that overtakes the answer to the other side's would be refused, and
 * usrsctp never asks again for one that was.
 */
static void after_packet(char op, uint16_t sid)
{
	if (nr_made == MADE_MAX)
		errx(1, "too much to do");
	made[nr_made++] = (struct head){ .op = op, .sid = sid };
}

static void got_open(uint16_t sid, const uint8_t *data, size_t len)
{
	size_t label, protocol;
	char *names;

	if (len < DCEP_OPEN_LEN)
		return;
	label = data[8] << 8 | data[9];
	protocol = data[10] << 8 | data[11];
	if (len != DCEP_OPEN_LEN + label + protocol)
		return;
	names = malloc(label + protocol + 1);
	if (!names)
		return;
	memcpy(names, data + DCEP_OPEN_LEN, label);
	names[label] = 0;
	memcpy(names + label + 1, data + DCEP_OPEN_LEN + label, protocol);
	set_state(sid, CHANNEL_OPEN);
	after_packet('K', sid);
	put('O', data[1], sid, 0, names, label + protocol + 1);
	free(names);
}

static void got_reset(const struct sctp_stream_reset_event *event)
{
	size_t i, count = (event->strreset_length - sizeof(*event)) / 2;
	uint16_t flags = event->strreset_flags, sid;

	for (i = 0; i < count; i++) {
		sid = event->strreset_stream_list[i];
		if (flags & (SCTP_STREAM_RESET_DENIED |
			     SCTP_STREAM_RESET_FAILED)) {
			/* It crossed one of the other side's. */
			if (flags & SCTP_STREAM_RESET_OUTGOING_SSN)
				after_packet('F', sid);
			else
				put('F', flags, sid, 0, NULL, 0);
			continue;
		}
		if (flags & SCTP_STREAM_RESET_OUTGOING_SSN)
			set_state(sid, CHANNEL_OUT);
		/* RFC 8831, section 6.7: then so does the other end. */
		if (!(flags & SCTP_STREAM_RESET_INCOMING_SSN))
			continue;
		if (!(set_state(sid, CHANNEL_IN | CHANNEL_ASKED) &
		      CHANNEL_ASKED))
			after_packet('C', sid);
	}
}

static void got_notification(const union sctp_notification *n)
{
	switch (n->sn_header.sn_type) {
	case SCTP_ASSOC_CHANGE:
		if (n->sn_assoc_change.sac_state == SCTP_COMM_UP)
			put('U', 0, 0, 0, NULL, 0);
		else
			put('L', 0, 0, n->sn_assoc_change.sac_state, NULL, 0);
		break;
	case SCTP_STREAM_RESET_EVENT:
		got_reset(&n->sn_strreset_event);
		break;
	}
}

static int got(struct socket *so, union sctp_sockstore addr, void *data,
	       size_t len, struct sctp_rcvinfo info, int flags, void *arg)
{
	uint32_t ppid = ntohl(info.rcv_ppid);
	const uint8_t *bytes = data;

	(void)so;
	(void)addr;
	(void)arg;
	if (!data)
		put('L', 0, 0, 0, NULL, 0);
	else if (flags & MSG_NOTIFICATION)
		got_notification(data);
	else if (ppid != PPID_DCEP)
		put('D', 0, info.rcv_sid, ppid, data, len);
	else if (len && bytes[0] == DCEP_OPEN)
		got_open(info.rcv_sid, bytes, len);
	else if (len && bytes[0] == DCEP_ACK)
		put('K', 0, info.rcv_sid, 0, NULL, 0);
	free(data);
	return 1;
}

static void open_channel(const struct head *head, const char *names)
{
	size_t label = strlen(names), protocol = head->len - label - 1;
	uint8_t buf[DCEP_OPEN_LEN + 512] = {
		DCEP_OPEN, head->kind, 1, 0, 0, 0, 0, 0,
		label >> 8, label, protocol >> 8, protocol,
	};

	if (label + protocol > sizeof(buf) - DCEP_OPEN_LEN)
		errx(1, "the names are too long");
	memcpy(buf + DCEP_OPEN_LEN, names, label);
	memcpy(buf + DCEP_OPEN_LEN + label, names + label + 1, protocol);
	set_state(head->sid, CHANNEL_OPEN);
	send_message(head->sid, PPID_DCEP, buf,
		     DCEP_OPEN_LEN + label + protocol);
}

static void close_channel(uint16_t sid)
{
	if (!(set_state(sid, CHANNEL_ASKED) & CHANNEL_ASKED))
		later('C', sid);
}

/* While usrsctp handles a packet it holds a reference of its own, and the one
 * who puts the last one sends the ABORT: until then we must not exit.
 */
static void abort_association(void)
{
	struct linger linger = { .l_onoff = 1 };

	usrsctp_setsockopt(sock, SOL_SOCKET, SO_LINGER, &linger,
			   sizeof(linger));
	usrsctp_close(sock);
	if (listener)
		usrsctp_close(listener);
	while (usrsctp_finish())
		usleep(RETRY_US);
}

/* Commands, to their end. */
static void serve(void)
{
	struct head head;
	char *data;

	while (read_all(0, &head, sizeof(head))) {
		head.sid = ntohs(head.sid);
		head.ppid = ntohl(head.ppid);
		head.len = ntohl(head.len);
		data = malloc(head.len + 1);
		if (!data || !read_all(0, data, head.len))
			return;
		switch (head.op) {
		case 'O':
			open_channel(&head, data);
			break;
		case 'D':
			send_message(head.sid, head.ppid, data, head.len);
			break;
		case 'C':
			close_channel(head.sid);
			break;
		case 'A':
			abort_association();
			return;
		}
		free(data);
	}
}

static struct sockaddr_in address(const char *text)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	char host[INET_ADDRSTRLEN];
	unsigned short port;

	if (sscanf(text, "%15[^:]:%hu", host, &port) != 2 ||
	    inet_pton(AF_INET, host, &addr.sin_addr) != 1)
		errx(1, "cannot read %s", text);
	addr.sin_port = htons(port);
	return addr;
}

static void set_option(int option, const void *value, socklen_t len)
{
	if (usrsctp_setsockopt(sock, IPPROTO_SCTP, option, value, len))
		err(1, "option %d", option);
}

static void set_event(uint16_t type)
{
	struct sctp_event event = {
		.se_assoc_id = SCTP_FUTURE_ASSOC,
		.se_type = type,
		.se_on = 1,
	};

	set_option(SCTP_EVENT, &event, sizeof(event));
}

static void make_socket(bool listen)
{
	struct sctp_assoc_value reset = {
		.assoc_id = SCTP_FUTURE_ASSOC,
		.assoc_value = SCTP_ENABLE_RESET_STREAM_REQ |
			       SCTP_ENABLE_CHANGE_ASSOC_REQ,
	};
	struct sctp_initmsg init = {
		.sinit_num_ostreams = STREAMS,
		.sinit_max_instreams = STREAMS,
	};
	struct sockaddr_conn addr = {
		.sconn_family = AF_CONN,
		.sconn_port = htons(SCTP_PORT),
		.sconn_addr = &udp,
	};
	int on = 1;

	usrsctp_init(0, packet_out, NULL);
	usrsctp_sysctl_set_sctp_recvspace(BUFFER);
	usrsctp_sysctl_set_sctp_sendspace(BUFFER);
	usrsctp_register_address(&udp);
	sock = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, got, got_room,
			      BUFFER / 2, NULL);
	if (!sock)
		err(1, "socket");
	set_option(SCTP_NODELAY, &on, sizeof(on));
	set_option(SCTP_ENABLE_STREAM_RESET, &reset, sizeof(reset));
	set_option(SCTP_INITMSG, &init, sizeof(init));
	set_event(SCTP_ASSOC_CHANGE);
	set_event(SCTP_STREAM_RESET_EVENT);
	if (usrsctp_bind(sock, (struct sockaddr *)&addr, sizeof(addr)))
		err(1, "bind");
	if (listen) {
		if (usrsctp_listen(sock, 1) ||
		    usrsctp_set_non_blocking(sock, 1))
			err(1, "listen");
		listener = sock;
		sock = NULL;
	}
}

/* The association comes up on this socket, or on one that is accepted. */
static void come_up(bool listen)
{
	struct sockaddr_conn addr = {
		.sconn_family = AF_CONN,
		.sconn_port = htons(SCTP_PORT),
		.sconn_addr = &udp,
	};

	if (!listen) {
		if (usrsctp_connect(sock, (struct sockaddr *)&addr,
				    sizeof(addr)))
			err(1, "connect");
		return;
	}
	while (sem_wait(&accepted))
		;
	put('U', 0, 0, 0, NULL, 0);
}

int main(int argc, char **argv)
{
	struct sockaddr_in local = {}, remote = {};
	bool listen = false;
	pthread_t thread;
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-listen"))
			listen = true;
		else if (!strcmp(argv[i], "-local") && ++i < argc)
			local = address(argv[i]);
		else if (!strcmp(argv[i], "-remote") && ++i < argc)
			remote = address(argv[i]);
		else
			errx(1, "unknown: %s", argv[i]);
	}
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	if (udp < 0 || bind(udp, (void *)&local, sizeof(local)) ||
	    connect(udp, (void *)&remote, sizeof(remote)))
		err(1, "UDP");
	if (pipe(todo))
		err(1, "pipe");
	make_socket(listen);
	if (sem_init(&accepted, 0, 0) ||
	    pthread_create(&thread, NULL, packets_in, NULL))
		errx(1, "no thread");
	put('B', 0, 0, 0, NULL, 0);
	come_up(listen);
	if (pthread_create(&thread, NULL, do_all, NULL))
		errx(1, "no thread");
	serve();
	return 0;
}
