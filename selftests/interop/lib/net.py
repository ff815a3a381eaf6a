# SPDX-License-Identifier: GPL-2.0
"""The links, each between a namespace of the kernel's user and of the peer."""

import itertools
import os
import subprocess

KERNEL = "kernel"
PEER = "peer"
# What ../vm.sh has made.
CLEAN = "clean"
LOSSY = "lossy"
LINK = os.environ.get("LINK")		# that of this process
UDP_PORT = 9899
SCTP_PORT = 5000
# The end of a path is seen after some ten seconds.  It has to take longer than
# one of the machine's processors may stop.
IMPATIENT = {
    "rto_min": 200,
    "rto_initial": 200,
    "rto_max": 1000,
    "path_max_retrans": 4,
    "association_max_retrans": 20,
    "max_init_retransmits": 8,
    "hb_interval": 200,
}

numbers = itertools.count(1)
before = {}


def enter(side, link=LINK):
    """What a command begins with that is to run there."""
    return ["nsenter", f"--net=/run/netns/{side}-{link}"]


def addresses():
    """A pair that was never used, so that no association knows it."""
    n = next(numbers)
    pair = f"10.18.{n}.1", f"10.18.{n}.2"
    for side, addr in zip((KERNEL, PEER), pair):
        subprocess.run([*enter(side), "ip", "addr", "add", f"{addr}/16",
                        "dev", "veth"], check=True)
    return pair


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
