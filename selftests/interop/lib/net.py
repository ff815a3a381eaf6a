# SPDX-License-Identifier: GPL-2.0
"""The link between the namespaces of the kernel's user and of the peer."""

import itertools
import subprocess

KERNEL = "kernel"
PEER = "peer"
UDP_PORT = 9899
SCTP_PORT = 5000
LOSSY = "delay 25ms reorder 5% 50% loss 1% limit 10000".split()
# The end of a path is seen after some seconds.
IMPATIENT = {
    "rto_min": 200,
    "rto_initial": 200,
    "rto_max": 400,
    "path_max_retrans": 2,
    "association_max_retrans": 3,
    "max_init_retransmits": 2,
    "hb_interval": 200,
}

numbers = itertools.count(1)
before = {}


def in_netns(netns, *command):
    subprocess.run(["nsenter", f"--net=/run/netns/{netns}", *command],
                   check=True)


def addresses():
    """A pair that was never used, so that no association knows it."""
    n = next(numbers)
    pair = f"10.18.{n}.1", f"10.18.{n}.2"
    for netns, addr in zip((KERNEL, PEER), pair):
        in_netns(netns, "ip", "addr", "add", f"{addr}/16", "dev", "veth")
    return pair


def netem(args):
    """Both ways; [] for a link that is as it should be."""
    for netns in KERNEL, PEER:
        tc = ["tc", "qdisc", "replace", "dev", "veth", "root"]
        in_netns(netns, *tc, *(["netem", *args] if args else ["pfifo"]))


def sysctl_get(name):
    with open("/proc/sys/net/" + name) as f:
        return f.read().strip()


def sysctl(name, value):
    with open("/proc/sys/net/" + name, "w") as f:
        f.write(str(value))


def impatient(on):
    if on:
        before.update((name, sysctl_get("sctp/" + name))
                      for name in IMPATIENT)
        for name, value in IMPATIENT.items():
            sysctl("sctp/" + name, value)
    else:
        # The other way round, for rto_min has to be below rto_max.
        for name in reversed(IMPATIENT):
            sysctl("sctp/" + name, before[name])
