# SPDX-License-Identifier: GPL-2.0
"""run_stack.py NAME: the kernel and one SCTP stack, each dialling the other."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.path.join(HERE, "peers")
sys.path[:0] = os.path.join(HERE, "lib"), PEERS

# pylint: disable=wrong-import-position
import aiortc_flaws
import net
import pion
from stack import MIB, Direction
from tap import Results, parts

SHORT = bool(os.environ.get("SHORT"))

# Substreams, and bytes on each, each way.  What is lost and delayed leaves a
# tenth of a MiB/s, and aiortc takes about as long for less.
SIZES = {
    net.CLEAN: (100, MIB),
    net.LOSSY: (100, MIB // 32),
}
SIZES_AIORTC = {
    net.CLEAN: (100, MIB // 32),
    net.LOSSY: (100, MIB // 256),
}


def size_of(name, dialler):
    """aiortc carries as much as the others once: that takes a long time."""
    long = net.LINK == net.CLEAN and dialler == net.PEER and not SHORT
    sizes = SIZES_AIORTC if name == "aiortc" and not long else SIZES
    count, size = sizes[net.LINK]
    if SHORT and dialler == net.KERNEL:
        return count // 5, size // 4
    return count, size


def main(name):
    results = Results(name)
    if name == "pion":
        argv = [os.path.join(PEERS, "pion")]
        pion.run(results, argv)
        # Without this it could not be dialled.
        directions = (net.PEER, argv), (net.KERNEL, argv + ["-strip"])
    elif name == "usrsctp":
        argv = [os.path.join(PEERS, "usrsctp")]
        directions = (net.PEER, argv), (net.KERNEL, argv)
    else:
        argv = ["/usr/bin/python3", os.path.join(PEERS, "aiortc_relay.py")]
        directions = (net.PEER, argv), (net.KERNEL, argv)
        if net.LINK == net.CLEAN:
            results.run("nobody", "a packet of many streams is lost: messages "
                        "are held back", aiortc_flaws.held_back)
            results.run("nobody", "a reset overtakes the last message",
                        aiortc_flaws.reset_overtakes)
            results.run("nobody", "the request for a reset is lost",
                        aiortc_flaws.reset_lost)
    for dialler, argv in directions:
        Direction(results, argv, dialler).run_all(*size_of(name, dialler))
    results.end()


if net.LINK:
    main(sys.argv[1])
else:
    parts()
