// SPDX-License-Identifier: GPL-2.0
/*
 * Requests of RFC 6525, and what one has to know of SCTP's:
 *
 * - One request is under way at a time; until the answer every other one is
 *   refused with -EINPROGRESS.
 * - SCTP repeats a request by itself, so an answer, or the end of the
 *   association, always comes from a peer that has RFC 6525.
 * - Where it has no memory for the notification it does not tell of the answer.
 * - Requests of both ends that cross on the wire fail at both ends.
 */

#include <linux/sctp.h>
#include <linux/slab.h>
#include <net/sctp/sctp.h>

#include "reconf.h"
#include "sctp.h"

/**
 * wrtcsub_reconf_reset() - ask to reset our direction of streams
 * @sctp: the socket
 * @sids: stream identifiers
 * @nr: how many, not 0 (which would mean all)
 *
 * The answer is an SCTP_STREAM_RESET_EVENT.
 *
 * Context: process, may sleep, takes the SCTP socket's lock.
 * Return: 0; -EAGAIN if one of them has bytes to send; -EINPROGRESS while
 *	another request is under way; -ENOPROTOOPT if the peer cannot do it;
 *	-ENOMEM.
 * Source: RFC 6525, sections 5.1.2 and 6.3.2.
 */
int wrtcsub_reconf_reset(struct wrtcsub_sctp *sctp, const u16 *sids,
			 unsigned int nr)
{
	struct sctp_reset_streams *req;
	int err;

	req = kzalloc(struct_size(req, srs_stream_list, nr), GFP_KERNEL);
	if (!req)
		return -ENOMEM;
	req->srs_flags = SCTP_STREAM_RESET_OUTGOING;
	req->srs_number_streams = nr;
	memcpy(req->srs_stream_list, sids, nr * sizeof(*sids));
	err = wrtcsub_sctp_set(sctp->sock, SCTP_RESET_STREAMS, req,
			       struct_size(req, srs_stream_list, nr));
	kfree(req);
	return err;
}

/**
 * wrtcsub_reconf_add() - ask for more streams
 * @sctp: the socket
 * @in: how many more the peer shall have
 * @out: how many more we want
 *
 * The answers are SCTP_STREAM_CHANGE_EVENTs, one for each direction.
 *
 * Context: process, may sleep, takes the SCTP socket's lock.
 * Return: 0; -EINPROGRESS while another request is under way; -ENOPROTOOPT if
 *	the peer cannot do it; -EINVAL: more than 65535; -ENOMEM.
 * Source: RFC 6525, sections 5.1.5, 5.1.6 and 6.3.4.
 */
int wrtcsub_reconf_add(struct wrtcsub_sctp *sctp, u16 in, u16 out)
{
	struct sctp_add_streams req = { .sas_instrms = in, .sas_outstrms = out };

	return wrtcsub_sctp_set(sctp->sock, SCTP_ADD_STREAMS, &req,
				sizeof(req));
}
