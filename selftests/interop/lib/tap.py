# SPDX-License-Identifier: GPL-2.0
"""Results in TAP: what was run, and what was seen."""

import os
import re
import sys
import time
import traceback


class Results:
    def __init__(self, peer):
        self.peer = peer
        self.count = 0
        self.failed = 0
        print("TAP version 13", flush=True)

    def run(self, dialler, what, function, *args):
        """The function returns what it saw, if that is not just "yes"."""
        name = f"{self.peer} | {dialler} dials | {what}"
        if not re.search(os.environ.get("ONLY", ""), name):
            return
        self.count += 1
        start = time.monotonic()
        try:
            seen = function(*args) or "yes"
            verdict = "ok"
        except Exception:
            for line in traceback.format_exc().splitlines():
                print("#", line)
            self.explain()
            seen, verdict = "FAILED", "not ok"
            self.failed += 1
        took = time.monotonic() - start
        print(f"# {took:.2f} s")
        print(f"{verdict} {self.count} {name} | {seen}", flush=True)

    @staticmethod
    def explain():
        with open("/proc/net/wrtcsub_stat") as f:
            counts = [line.split() for line in f]
        print("#", *(f"{x[0]}={x[1]}" for x in counts if x[1:] != ["0"]))

    def end(self):
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failed else 0)
