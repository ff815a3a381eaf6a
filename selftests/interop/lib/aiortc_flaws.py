# SPDX-License-Identifier: GPL-2.0
"""What aiortc does wrong, and its relay mends: see peers/aiortc_stack.py."""

import asyncio
from types import SimpleNamespace

WHOLE = 3			# a chunk that is all of a message
# Between them are those of other streams.
TSNS = 10, 20, 30


def given_out(stack, cls):
    """The first of three messages is lost, and comes last."""
    stream, out = cls(), []
    for seq in 1, 2, 0:
        chunk = stack.DataChunk(flags=WHOLE)
        chunk.tsn, chunk.stream_seq, chunk.stream_id = TSNS[seq], seq, 0
        chunk.protocol, chunk.user_data = 53, b"%d" % seq
        stream.add_chunk(chunk)
        out += [data for _, _, data in stream.pop_messages()]
    return out


def held_back():
    # Not before: it is in the way of what imports aiortc as it is.
    import aiortc_stack as stack  # pylint: disable=import-outside-toplevel

    mended = given_out(stack, stack.Mended)
    assert mended == [b"0", b"1", b"2"], mended
    own = given_out(stack, stack.Own)
    assert own == [b"0"], f"{own}: this aiortc needs not be mended"
    return "1 of 3 messages; mended in the relay"


async def overtaken(cls, param):
    """Return: is the stream gone, whose last message has not come yet?"""
    sctp = cls(SimpleNamespace(state="connected"))
    sctp._last_received_tsn = TSNS[0]
    sctp._get_inbound_stream(param.streams[0])

    async def send(_):
        pass

    sctp._send_reconfig_param = send
    await sctp._receive_reconfig_param(param)
    return not sctp._inbound_streams


def reset_overtakes():
    import aiortc_stack as stack  # pylint: disable=import-outside-toplevel

    param = stack.StreamResetOutgoingParam(
        request_sequence=1, response_sequence=1, last_tsn=TSNS[1], streams=[0])
    assert not asyncio.run(overtaken(stack.Transport, param))
    assert asyncio.run(overtaken(stack.RTCSctpTransport, param)), (
        "this aiortc needs not be mended")
    return "it is lost; mended in the relay"


async def requests(cls):
    """Return: how often a reset is asked for that nobody answers."""
    sctp, sent = cls(SimpleNamespace(state="connected")), []
    sctp._association_state = sctp.State.ESTABLISHED
    sctp._reconfig_queue = [0]

    async def send(param):
        sent.append(param)

    sctp._send_reconfig_param = send
    await sctp._transmit_reconfig()
    await asyncio.sleep(2)
    return len(sent)


def reset_lost():
    import aiortc_stack as stack  # pylint: disable=import-outside-toplevel

    mended = asyncio.run(requests(stack.Transport))
    assert mended > 1, mended
    own = asyncio.run(requests(stack.RTCSctpTransport))
    assert own == 1, f"{own}: this aiortc needs not be mended"
    return "not asked for again; mended in the relay"
