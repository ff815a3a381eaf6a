#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""coverage.py BUILD LINES BRANCHES TAP...

What was executed of the module: each TAP is what a run with run.sh -g has left,
BUILD is where their module was built.  Prints a line for each file, and fails
if less than LINES percent of the lines or BRANCHES percent of the branches were
reached.  BUILD/report has each line that was not, and each line with a branch
that was not taken, with the reason that the file "unreached" has for it.
"""

import base64
import collections
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def read_reasons():
    """What the file "unreached" says: a reason, then what it is of."""
    reasons, reason = [], None
    with open(os.path.join(HERE, "unreached"), encoding="ascii") as lines:
        for line in lines:
            if line.startswith("\t"):
                reasons.append((re.compile(line.strip()), reason))
            elif line[0] not in "#\n":
                reason = line.strip()
    return reasons


def read_counters(tap):
    """The files that the kernel had in its debugfs."""
    text = collections.defaultdict(str)
    with open(tap, encoding="ascii", errors="replace") as lines:
        for line in lines:
            match = re.match(r"\[[^]]*\] # gcov (\S+) (\S+)", line)
            if match:
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
        """Line numbers, each with what was missed."""
        what = {number: "not taken"
                for (number, _), count in self.branches.items() if not count}
        what.update({number: "not reached"
                     for number, count in self.lines.items() if not count})
        return sorted(what.items())


def explain(name, source, text, reasons):
    """Gives a line for each line of a file that has something missed."""
    for number, what in source.missed():
        line = text[number - 1].strip()
        why = [reason for regex, reason in reasons
               if regex.search(f"{name}: {line}")]
        yield f"{name}:{number}: {what}: {line}\n\t{why[0] if why else '?'}"


def share(counts):
    """Gives (hit, all)."""
    return sum(1 for count in counts.values() if count), len(counts)


def percent(hit, total):
    return 100 * hit / total if total else 100.0


def show(name, lines, branches):
    print(f"{name:20} {percent(*lines):6.1f} % of {lines[1]:5} lines"
          f" {percent(*branches):6.1f} % of {branches[1]:5} branches")


def read_sources(build, taps):
    sources, paths = collections.defaultdict(Source), {}
    for tap in taps:
        for path, lines in run_gcov(build, read_counters(tap)):
            # Not what comes of the kernel's headers.
            if "net/wrtcsub/" in path:
                name = os.path.basename(path)
                sources[name].add(lines)
                paths[name] = os.path.join(HERE, "../../net/wrtcsub", name)
    return sorted(sources.items()), paths


def main(build, least_lines, least_branches, *taps):
    sources, paths = read_sources(build, taps)
    reasons = read_reasons()
    sums = [0, 0], [0, 0]
    report = []
    for name, source in sources:
        parts = share(source.lines), share(source.branches)
        show(name, *parts)
        for total, part in zip(sums, parts):
            total[0] += part[0]
            total[1] += part[1]
        with open(paths[name], encoding="ascii") as file:
            report += explain(name, source, file.read().split("\n"), reasons)
    show("all", *sums)
    path = os.path.join(build, "report")
    with open(path, "w", encoding="ascii") as file:
        file.writelines(f"{line}\n" for line in report)
    print(f"missed on {len(report)} lines, of which",
          sum(line.endswith("?") for line in report),
          f"are not explained: {path}")
    return (percent(*sums[0]) < float(least_lines) or
            percent(*sums[1]) < float(least_branches))


sys.exit(main(*sys.argv[1:]))
