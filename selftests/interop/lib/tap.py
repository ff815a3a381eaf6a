# SPDX-License-Identifier: GPL-2.0
"""Results in TAP: what was run, and what was seen.

A program is run once for each link, at the same time, by parts(), which puts
their results in one.
"""

import contextlib
import itertools
import os
import re
import subprocess
import sys
import threading
import time
import traceback

import net

SEPARATOR = " | "


class Results:
    """Those of one link; the numbers come from parts()."""

    def __init__(self, peer):
        self.peer = peer
        self.failed = False

    def name(self, dialler, what):
        return SEPARATOR.join((self.peer, f"{dialler} dials", net.LINK, what))

    def wants(self, dialler, what):
        return re.search(os.environ.get("ONLY", ""), self.name(dialler, what))

    def run(self, dialler, what, function, *args):
        """The function returns what it saw, if that is not just "yes".

        Return: whether all is well.
        """
        if not self.wants(dialler, what):
            return True
        start = time.monotonic()
        try:
            seen = function(*args) or "yes"
            verdict = "ok"
        except Exception:
            for line in traceback.format_exc().splitlines():
                print("#", line)
            self.explain(args)
            seen, verdict = "FAILED", "not ok"
            self.failed = True
        print(f"# {time.monotonic() - start:.2f} s")
        print(verdict, self.name(dialler, what) + SEPARATOR + seen, flush=True)
        return verdict == "ok"

    def run_on(self, session, dialler, cases):
        """Cases of (what, function, args...) on one association.

        session() makes it, if anything is to be run at all.  After a case that
        has failed it makes another one: nobody knows what the first is like.
        """
        cases = [case for case in cases if self.wants(dialler, case[0])]
        while cases:
            cases = self.run_on_one(session, dialler, cases)

    def run_on_one(self, session, dialler, cases):
        """Return: the cases that are left."""
        with contextlib.ExitStack() as stack:
            try:
                association = stack.enter_context(session())
            except Exception as e:
                for what, *_ in cases:
                    self.run(dialler, what, self.not_begun, e)
                return []
            for i, (what, function, *args) in enumerate(cases, 1):
                if not self.run(dialler, what, function, association, *args):
                    return cases[i:]
        return []

    @staticmethod
    def not_begun(why):
        raise why

    @staticmethod
    def explain(args):
        """What the peer has said, and both layers of the kernel."""
        for arg in args:
            if hasattr(arg, "state"):
                print("#", arg.state())
        with open("/proc/net/wrtcsub_stat") as f:
            counts = [line.split() for line in f]
        print("#", *(f"{x[0]}={x[1]}" for x in counts if x[1:] != ["0"]))
        with open("/proc/net/sctp/assocs") as f:
            print("".join(f"# {line}" for line in f), end="")

    def end(self):
        sys.exit(self.failed)


def part(argv, link, lock, numbers, failed):
    with subprocess.Popen([*net.enter(net.KERNEL, link), sys.executable, *argv],
                          stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "LINK": link}) as process:
        block = []
        for line in process.stdout:
            verdict = re.match("(not )?ok ", line)
            if not verdict:
                block.append(line)
                continue
            with lock:
                print("".join(block), end="")
                print(verdict[0] + str(next(numbers)), line[verdict.end():],
                      end="", flush=True)
            block = []
        print("".join(block), end="", flush=True)
    if process.returncode:
        failed.append(link)


def parts():
    """This program, on each link.  It does not return."""
    lock, numbers, failed = threading.Lock(), itertools.count(1), []
    print("TAP version 13", flush=True)
    threads = [threading.Thread(target=part,
                                args=(sys.argv, link, lock, numbers, failed))
               for link in (net.CLEAN, net.LOSSY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"1..{next(numbers) - 1}", flush=True)
    sys.exit(bool(failed))
