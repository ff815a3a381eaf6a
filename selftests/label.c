// SPDX-License-Identifier: GPL-2.0
/* WRTCSUB_LABEL and WRTCSUB_PROTOCOL: "The DCEP label (default empty) and
 * protocol", up to 255 bytes of any kind.  RFC 8832, section 5.1.
 */

#include "lib/harness.h"

#define MAX	255
#define HEAD	12		/* of a DATA_CHANNEL_OPEN, before the texts */

FIXTURE(label)
{
	struct addr addr;
	struct peer peer;
	int listener;
	int fd;
	unsigned char text[2 * MAX];
	unsigned char seen[2 * MAX];
};

/* Each of the two is the other one's company. */
FIXTURE_VARIANT(label)
{
	int option;
	int other;
};

FIXTURE_VARIANT_ADD(label, label)
{
	.option = WRTCSUB_LABEL,
	.other = WRTCSUB_PROTOCOL,
};

FIXTURE_VARIANT_ADD(label, protocol)
{
	.option = WRTCSUB_PROTOCOL,
	.other = WRTCSUB_LABEL,
};

FIXTURE_SETUP(label)
{
	size_t i;

	ASSERT_EQ(0, netns_private());
	self->listener = peer_listen(AF_INET, &self->addr, 0);
	ASSERT_LE(0, self->listener);
	self->fd = sub_socket(0);
	ASSERT_LE(0, self->fd);
	/* Every byte, and zeros in the middle. */
	for (i = 0; i < sizeof(self->text); i++)
		self->text[i] = i + 1;
}

FIXTURE_TEARDOWN(label)
{
	peer_close(&self->peer);
	close(self->fd);
	close(self->listener);
}

static int text_set(int fd, int option, const void *text, size_t len)
{
	return setsockopt(fd, SOL_WRTCSUB, option, text, len);
}

static ssize_t text_get(int fd, int option, void *text, size_t size)
{
	socklen_t len = size;

	if (getsockopt(fd, SOL_WRTCSUB, option, text, &len))
		return -1;
	return len;
}

/* The OPEN that came has these texts. */
static int open_has(struct peer *peer, __u16 sid, const void *label,
		    size_t label_len, const void *protocol,
		    size_t protocol_len)
{
	const unsigned char want[HEAD] = {
		3, 0, 1, 0, 0, 0, 0, 0, label_len >> 8, label_len,
		protocol_len >> 8, protocol_len,
	};
	struct peer_record *record = peer_next(peer, sid);

	if (!record || record->kind != PEER_DATA || record->ppid != PPID_DCEP)
		return -1;
	hex_print("OPEN:", record->data, record->len);
	if (record->len != HEAD + label_len + protocol_len ||
	    memcmp(record->data, want, HEAD) ||
	    memcmp(record->data + HEAD, label, label_len) ||
	    memcmp(record->data + HEAD + label_len, protocol, protocol_len))
		return -1;
	return 0;
}

#define ASSERT_CONNECTS() do {						\
	ASSERT_EQ(0, connect(self->fd, &self->addr.sa, self->addr.len));	\
	ASSERT_EQ(0, peer_accept(&self->peer, self->listener));		\
} while (0)

TEST_F(label, of_some_bytes_goes_out_with_the_open)
{
	const char *open = variant->option == WRTCSUB_LABEL ?
		"03 00 0100 00000000 0003 0002 61 62 63 64 65" :
		"03 00 0100 00000000 0002 0003 64 65 61 62 63";

	ASSERT_EQ(0, text_set(self->fd, variant->option, "abc", 3));
	ASSERT_EQ(0, text_set(self->fd, variant->other, "de", 2));
	ASSERT_CONNECTS();
	ASSERT_EQ(0, peer_expect_ppid(&self->peer, 0, PPID_DCEP, open));
}

TEST_F(label, of_all_lengths_and_bytes_goes_out)
{
	static const int lengths[] = { 1, 127, 128, 254, MAX };
	unsigned char *text = self->text;
	bool first;
	size_t i;
	int len;

	first = variant->option == WRTCSUB_LABEL;
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		len = lengths[i];
		ASSERT_EQ(0, text_set(self->fd, variant->option, text, len));
		ASSERT_EQ(0, text_set(self->fd, variant->other, text + 100,
				      MAX));
		ASSERT_EQ(len, text_get(self->fd, variant->option, self->seen,
					sizeof(self->seen)));
		EXPECT_EQ(0, memcmp(text, self->seen, len));
		ASSERT_EQ(0, connect(self->fd, &self->addr.sa,
				     self->addr.len));
		if (!i)
			ASSERT_EQ(0, peer_accept(&self->peer, self->listener));
		ASSERT_EQ(0, first ? open_has(&self->peer, 2 * i, text, len,
					      text + 100, MAX) :
				     open_has(&self->peer, 2 * i, text + 100,
					      MAX, text, len));
		close(self->fd);
		self->fd = sub_socket(0);
		ASSERT_LE(0, self->fd);
	}
}

TEST_F(label, is_empty_by_default)
{
	ASSERT_EQ(0, text_get(self->fd, variant->option, self->seen,
			      sizeof(self->seen)));
	ASSERT_CONNECTS();
	ASSERT_EQ(0, peer_expect_ppid(&self->peer, 0, PPID_DCEP, DCEP_OPEN));
	ASSERT_EQ(0, text_get(self->fd, variant->option, self->seen,
			      sizeof(self->seen)));
}

TEST_F(label, is_empty_again)
{
	ASSERT_EQ(0, text_set(self->fd, variant->option, "abc", 3));
	ASSERT_EQ(0, text_set(self->fd, variant->option, NULL, 0));
	ASSERT_CONNECTS();
	ASSERT_EQ(0, peer_expect_ppid(&self->peer, 0, PPID_DCEP, DCEP_OPEN));
}

TEST_F(label, over_255_bytes_is_einval)
{
	ASSERT_EQ(0, text_set(self->fd, variant->option, "abc", 3));
	ASSERT_ERRNO(EINVAL, text_set(self->fd, variant->option, self->text,
				      MAX + 1));
	ASSERT_ERRNO(EFAULT, text_set(self->fd, variant->option, (void *)8,
				      10));
	/* The former one stays. */
	ASSERT_EQ(3, text_get(self->fd, variant->option, self->seen,
			      sizeof(self->seen)));
	EXPECT_EQ(0, memcmp("abc", self->seen, 3));
}

TEST_F(label, is_cut_for_a_short_buffer)
{
	memset(self->seen, '.', sizeof(self->seen));
	ASSERT_EQ(0, text_set(self->fd, variant->option, "abcdef", 6));
	ASSERT_EQ(4, text_get(self->fd, variant->option, self->seen, 4));
	EXPECT_EQ(0, memcmp("abcd..", self->seen, 6));
	ASSERT_EQ(0, text_get(self->fd, variant->option, self->seen, 0));
}

/* "set before connect, get" */
TEST_F(label, is_set_before_connect)
{
	struct addr addr;
	int listener = sub_listen(AF_INET, &addr);

	ASSERT_LE(0, listener);
	ASSERT_ERRNO(EINVAL, text_set(listener, variant->option, "abc", 3));
	ASSERT_EQ(0, text_set(self->fd, variant->option, "abc", 3));
	ASSERT_CONNECTS();
	ASSERT_ERRNO(EISCONN, text_set(self->fd, variant->option, "x", 1));
	ASSERT_EQ(3, text_get(self->fd, variant->option, self->seen,
			      sizeof(self->seen)));
	close(listener);
}

/* At the other end. */

/* Open a channel with the text, and accept it. */
static int accept_with(struct peer *peer, int listener, __u16 sid,
		       bool is_label, const void *text, size_t len)
{
	unsigned char *open = calloc(1, HEAD + len);
	int ret;

	if (!open)
		return -1;
	open[0] = 3;
	open[is_label ? 8 : 10] = len >> 8;
	open[is_label ? 9 : 11] = len;
	memcpy(open + HEAD, text, len);
	ret = peer_send_raw(peer, sid, PPID_DCEP, open, HEAD + len);
	free(open);
	if (ret || peer_expect_ppid(peer, sid, PPID_DCEP, DCEP_ACK))
		return -1;
	return sub_accept(listener);
}

TEST_F(label, of_the_peer_is_known_to_who_accepts)
{
	static const int lengths[] = { 0, 1, 254, MAX };
	bool is_label = variant->option == WRTCSUB_LABEL;
	int fd, listener, len;
	struct wrtcsub_info info;
	struct addr addr;
	size_t i;

	listener = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, peer_connect(&self->peer, &addr, 0));
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		len = lengths[i];
		fd = accept_with(&self->peer, listener, 2 * i, is_label,
				 self->text, len);
		ASSERT_LE(0, fd);
		ASSERT_EQ(len, text_get(fd, variant->option, self->seen,
					sizeof(self->seen)));
		EXPECT_EQ(0, memcmp(self->text, self->seen, len));
		ASSERT_EQ(0, text_get(fd, variant->other, self->seen,
				      sizeof(self->seen)));
		ASSERT_EQ(0, sub_info(fd, &info));
		EXPECT_EQ(is_label ? len : 0, info.wi_label_len);
		close(fd);
	}
	close(listener);
}

/* A longer one is no reason to refuse the channel: 255 bytes are kept. */
TEST_F(label, of_the_peer_may_be_longer)
{
	static const int lengths[] = { MAX + 1, 300, 5000, 65535 };
	bool is_label = variant->option == WRTCSUB_LABEL;
	unsigned char *text = calloc(1, 65535);
	struct wrtcsub_info info;
	struct addr addr;
	int fd, listener;
	size_t i;

	ASSERT_NE(NULL, text);
	memcpy(text, self->text, MAX);
	listener = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, peer_connect(&self->peer, &addr, 0));
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		fd = accept_with(&self->peer, listener, 2 * i, is_label, text,
				 lengths[i]);
		ASSERT_LE(0, fd);
		ASSERT_EQ(MAX, text_get(fd, variant->option, self->seen,
					sizeof(self->seen)));
		EXPECT_EQ(0, memcmp(self->text, self->seen, MAX));
		ASSERT_EQ(0, sub_info(fd, &info));
		EXPECT_EQ(is_label ? lengths[i] : 0, info.wi_label_len);
		close(fd);
	}
	close(listener);
	free(text);
}

TEST_F(label, goes_from_one_socket_to_the_other)
{
	int fd, listener;
	struct addr addr;

	listener = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, text_set(self->fd, variant->option, self->text, MAX));
	ASSERT_EQ(0, text_set(self->fd, variant->other, "other", 5));
	ASSERT_EQ(0, connect(self->fd, &addr.sa, addr.len));
	fd = sub_accept(listener);
	ASSERT_LE(0, fd);
	ASSERT_EQ(MAX, text_get(fd, variant->option, self->seen,
				sizeof(self->seen)));
	EXPECT_EQ(0, memcmp(self->text, self->seen, MAX));
	ASSERT_EQ(5, text_get(fd, variant->other, self->seen,
			      sizeof(self->seen)));
	EXPECT_EQ(0, memcmp("other", self->seen, 5));
	close(fd);
	close(listener);
}

/* Does a command print this? */
static bool prints(const char *command, const char *text)
{
	FILE *file = popen(command, "re");
	bool found = false;
	char line[1024];

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		if (strstr(line, text))
			found = true;
		else
			fprintf(stderr, "# %s", line);
	}
	return !pclose(file) && found;
}

/* Bytes that are not for a terminal as their numbers, and one that is empty not
 * at all.
 */
TEST_F(label, is_shown_by_the_tool)
{
	const char *name = variant->option == WRTCSUB_LABEL ? "label" :
							      "protocol";
	char command[64], text[64];

	if (system("type wrtcsub > /dev/null 2>&1"))
		SKIP(return, "there is no wrtcsub");
	ASSERT_EQ(0, text_set(self->fd, variant->option, "a\"\0\n\xe4 b", 7));
	ASSERT_CONNECTS();
	snprintf(text, sizeof(text), " %s:\"a\\x22\\x00\\x0a\\xe4 b\"",
		 name);
	ASSERT_TRUE(prints("wrtcsub show -Hne", text));
	EXPECT_FALSE(prints("wrtcsub show -Hne",
			    variant->option == WRTCSUB_LABEL ? " protocol:" :
							       " label:"));
	snprintf(command, sizeof(command), "wrtcsub show -j | jq -r '.[0].%s'",
		 name);
	EXPECT_TRUE(prints(command, "a\\x22\\x00\\x0a\\xe4 b\n"));
}

TEST_HARNESS_MAIN
