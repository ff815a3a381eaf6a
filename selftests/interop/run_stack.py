# SPDX-License-Identifier: GPL-2.0
"""run_stack.py NAME: the kernel and one SCTP stack, each dialling the other."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.path.join(HERE, "peers")
sys.path[:0] = os.path.join(HERE, "lib"), PEERS

# pylint: disable=wrong-import-position
import net
import pion
from held_back import held_back
from stack import MIB, Direction
from tap import Results


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
        results.run("nobody", "a packet of many streams is lost: messages are "
                    "held back", held_back)
    for dialler, argv in directions:
        direction = Direction(results, argv, dialler)
        if name == "aiortc":		# which is slow
            direction.run_all(100, MIB // 32)
        elif dialler == net.PEER:
            direction.run_all(100, MIB)
        else:
            direction.run_all(20, MIB // 4)
    results.end()


main(sys.argv[1])
