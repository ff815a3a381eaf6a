#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""coverage.py BUILD TAP...

What was executed of the module: each TAP is what a run with run.sh -g has left,
BUILD is where their module was built.  Prints a line for each file, and fails if
either sum is under its bound.  Branches of the kernel's macros count as
well: a test_bit() has up to seven, of which the compiler's constants choose, and
a lockdep_assert_held() one that nothing takes.  BUILD/report has each line that
was not reached, and each line with a branch that was not taken.
"""

import base64
import collections
import json
import os
import re
import subprocess
import sys

GOAL_LINES = 95
# What there is; 85 is wanted.
LEAST_BRANCHES = 75


def read_counters(tap):
    """The files that the kernel had in its debugfs, but for those of KUnit."""
    text = collections.defaultdict(str)
    with open(tap, encoding="ascii", errors="replace") as lines:
        for line in lines:
            match = re.match(r"\[[^]]*\] # gcov (\S+) (\S+)", line)
            if match and not match[1].endswith("_test.gcda"):
                text[match[1]] += match[2]
    return {name: base64.b64decode(data) for name, data in text.items()}


def run_gcov(build, counters):
    """Gives (source, lines) for each file that something was compiled of."""
    objects = os.path.join(build, "src/net/wrtcsub")
    for name, data in counters.items():
        with open(os.path.join(objects, name), "wb") as file:
            file.write(data)
    out = subprocess.run(["gcov", "-b", "-t", "-j", *counters], cwd=objects,
                         check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        for file in json.loads(line)["files"]:
            yield file["file"], file["lines"]


class Source:
    """One file: a header is compiled in many places, and counts once."""

    def __init__(self):
        self.lines = collections.Counter()
        self.branches = collections.Counter()

    def add(self, lines):
        for line in lines:
            number = line["line_number"]
            self.lines[number] += line["count"]
            for i, branch in enumerate(line["branches"]):
                self.branches[number, i] += branch["count"]

    def missed(self):
        """Line numbers, each with why."""
        why = {number: "not taken"
               for (number, _), count in self.branches.items() if not count}
        why.update({number: "not reached"
                    for number, count in self.lines.items() if not count})
        return sorted(why.items())


def share(counts):
    """Gives (hit, all)."""
    return sum(1 for count in counts.values() if count), len(counts)


def percent(hit, total):
    return 100 * hit / total if total else 100.0


def show(name, lines, branches):
    print(f"{name:20} {percent(*lines):6.1f} % of {lines[1]:5} lines"
          f" {percent(*branches):6.1f} % of {branches[1]:5} branches")


def main(build, *taps):
    sources = collections.defaultdict(Source)
    for tap in taps:
        for path, lines in run_gcov(build, read_counters(tap)):
            name = os.path.basename(path)
            # Not what comes of the kernel's headers.
            if "net/wrtcsub/" in path:
                sources[name].add(lines)
    sums = [0, 0], [0, 0]
    with open(os.path.join(build, "report"), "w", encoding="ascii") as report:
        for name, source in sorted(sources.items()):
            parts = share(source.lines), share(source.branches)
            show(name, *parts)
            for total, part in zip(sums, parts):
                total[0] += part[0]
                total[1] += part[1]
            for number, why in source.missed():
                print(f"{name}:{number}: {why}", file=report)
    show("all", *sums)
    print("what was missed:", os.path.join(build, "report"))
    return (percent(*sums[0]) < GOAL_LINES or
            percent(*sums[1]) < LEAST_BRANCHES)


sys.exit(main(*sys.argv[1:]))
