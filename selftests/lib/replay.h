/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Implementations of libp2p, replayed: the exact peer sends what they send, as
 * they cut it into SCTP messages, and answers as they do.
 *
 * Each has a fixture with the substream under test, and a sibling on the same
 * association that must not feel anything of it.  The macros are for programs,
 * after harness.h.
 */
#ifndef SELFTESTS_WRTCSUB_REPLAY_H
#define SELFTESTS_WRTCSUB_REPLAY_H

#include "sub.h"

#define ABC	"05 12 03 61 62 63"

struct replay {
	struct duo duo;			/* the sibling is its first substream */
	struct peer *peer;
	__u16 sid;
	int fd;
};

int replay_begin(struct replay *replay, int family, enum duo_side side,
		 const char *open);
void replay_end(struct replay *replay);
int replay_sibling(struct replay *replay);
int replay_again(struct replay *replay, const char *open);
int replay_send(struct replay *replay, const char *hex, const char *more);
int replay_read(struct replay *replay, const char *text);
int replay_closed(struct replay *replay);
size_t replay_frames(unsigned char *out, size_t payload, unsigned int count,
		     unsigned int seed);

/* The fixture of a type of peer, which opens its channels with this message. */
#define REPLAY(type, _open)						\
	static const char *const type##_open = _open;			\
	FIXTURE(type) { struct replay replay; };			\
	FIXTURE_VARIANT(type)						\
	{								\
		int family;						\
		enum duo_side side;					\
	};								\
	FIXTURE_VARIANT_ADD(type, dials_ipv4)				\
	{								\
		.family = AF_INET,					\
		.side = DUO_KERNEL_ACCEPTS,				\
	};								\
	FIXTURE_VARIANT_ADD(type, is_dialled_ipv6)			\
	{								\
		.family = AF_INET6,					\
		.side = DUO_KERNEL_CONNECTS,				\
	};								\
	FIXTURE_SETUP(type)						\
	{								\
		ASSERT_EQ(0, netns_private());				\
		ASSERT_EQ(0, replay_begin(&self->replay, variant->family,\
					  variant->side, type##_open));	\
	}								\
	FIXTURE_TEARDOWN(type)						\
	{								\
		EXPECT_EQ(0, replay_sibling(&self->replay));		\
		replay_end(&self->replay);				\
	}

/* One SCTP message. */
#define ASSERT_SENDS(_hex)						\
	ASSERT_EQ(0, replay_send(&self->replay, _hex, NULL))

/* Two, for a length and what it is the length of. */
#define ASSERT_SENDS_TWO(_prefix, _body)				\
	ASSERT_EQ(0, replay_send(&self->replay, _prefix, _body))

/* The kernel's next message. */
#define ASSERT_GETS(_hex)						\
	ASSERT_EQ(0, peer_expect(self->replay.peer, self->replay.sid, _hex))

/* What the program reads. */
#define ASSERT_READS(_text)						\
	ASSERT_EQ(0, replay_read(&self->replay, _text))

#define ASSERT_READS_END() do {						\
	char __c;							\
									\
	ASSERT_EQ(0, recv(self->replay.fd, &__c, 1, 0));		\
} while (0)

#define ASSERT_READS_ERRNO(_errno) do {					\
	char __c;							\
									\
	ASSERT_ERRNO(_errno, recv(self->replay.fd, &__c, 1, 0));	\
} while (0)

/* The program's shutdown(SHUT_WR) waits. */
#define ASSERT_FINISHES(_call) do {					\
	ASSERT_EQ(0, call_start(_call, call_shutdown, self->replay.fd,	\
				SHUT_WR, NULL, 0));			\
	ASSERT_GETS(WIRE_FIN);						\
} while (0)

/* ... but not for ever.  Only now is that made short, or a machine that stalls
 * would give up before the FIN is out.
 */
#define ASSERT_GIVES_UP(_call) do {					\
	ASSERT_EQ(0, sub_fin_timeout(self->replay.fd, 100));		\
	ASSERT_CALL(-1, ETIMEDOUT, _call);				\
} while (0)

/* Both directions of the channel are reset, the kernel's first. */
#define ASSERT_CLOSED()							\
	ASSERT_EQ(0, replay_closed(&self->replay))

#endif
