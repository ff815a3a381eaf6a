# SPDX-License-Identifier: GPL-2.0
"""The tables of Documentation/networking/wrtcsub-interop.rst.

They are between comments that have their names; the rest is written by hand.
"""

import re
import textwrap
from collections import defaultdict

import net

STACKS = "usrsctp", "pion", "aiortc"
JS = "js_libp2p"
NOBODY = "nobody dials"		# what needs no link
REPLAYS = {
    "replay_litep2p": "litep2p",
    "replay_smoldot": "smoldot",
    "replay_go": "go-libp2p",
    "replay_js": "js-libp2p",
    "replay_rust": "rust-libp2p",
}


def grid(head, rows, widths):
    """Cells of text that is wrapped, if it has no lines of its own."""
    def line(char):
        return "+" + "+".join(char * (width + 2) for width in widths) + "+"

    def wrapped(cell, width):
        return [piece for text in cell.split("\n")
                for piece in textwrap.wrap(text, width) or [""]]

    out = [line("-")]
    for i, row in enumerate([head, *rows]):
        cells = [wrapped(cell, width) for cell, width in zip(row, widths)]
        for k in range(max(map(len, cells))):
            out.append("| " + " | ".join(
                (cell[k] if k < len(cell) else "").ljust(width)
                for cell, width in zip(cells, widths)) + " |")
        out.append(line("-" if i else "="))
    return "\n".join(out) + "\n"


def describe(cases, every):
    """Return: which of all cases these are, in words.

    A case is a tuple, and every has for each place the values there are.
    """
    if all(NOBODY in case for case in cases):
        return ""
    parts = []
    for values, all_values in zip(zip(*sorted(cases)), every):
        if set(values) != set(all_values):
            parts.append(" and ".join(sorted(set(values))))
    return ", ".join(part for part in parts if part)


def is_product(cases):
    sizes = 1
    for values in zip(*cases):
        sizes *= len(set(values))
    return sizes == len(cases)


def cell(seen, every):
    """What was seen, and where, if not everywhere."""
    lines = []
    for what, cases in seen.items():
        groups = [cases] if is_product(cases) else [[case] for case in cases]
        where = "; ".join(describe(group, every) for group in groups)
        lines.append(f"{what} ({where})" if where else what)
    return "\n\n".join(lines) or "not run"


def behaviours(kept, program):
    """Return: for each behaviour what was seen, and in which cases."""
    rows = defaultdict(lambda: defaultdict(list))
    for one in kept:
        if one.program != program:
            continue
        for result in one.results:
            _, dialler, link, what, seen = result.split(" | ")
            rows[what][seen].append((f"Linux {one.kernel}", dialler, link))
    return rows


def every(kept, program, diallers):
    kernels = {f"Linux {one.kernel}" for one in kept if one.program == program}
    return (kernels, {f"{dialler} dials" for dialler in diallers},
            {net.CLEAN, net.LOSSY})


def table_software(kept):
    rows = []
    for program in (*STACKS, JS):
        mine = [one for one in kept if one.program == program]
        if mine:
            rows.append([program.replace("_", "-"),
                         "\n".join(mine[0].versions[1:]),
                         "\n".join(one.versions[0] for one in mine)])
    return grid(["Peer", "Packages", "Kernels"], rows, [10, 36, 24])


def table_stacks(kept):
    seen = {stack: behaviours(kept, stack) for stack in STACKS}
    names = dict.fromkeys(what for stack in STACKS for what in seen[stack])
    rows = [[what, *(cell(seen[stack][what],
                          every(kept, stack, (net.PEER, net.KERNEL)))
                     for stack in STACKS)] for what in names]
    return grid(["Behaviour", *STACKS], rows, [21, 15, 16, 15])


def table_js(kept):
    rows = [[what, cell(seen, every(kept, JS, (net.PEER,)))]
            for what, seen in behaviours(kept, JS).items()]
    return grid(["Behaviour", "js-libp2p"], rows, [34, 38])


def table_replays(kept):
    rows = defaultdict(lambda: defaultdict(list))
    for one in kept:
        if one.program in REPLAYS:
            for result in one.results:
                _, variant, test = result.split(".")
                rows[REPLAYS[one.program], test][variant].append(
                    f"Linux {one.kernel}")
    kernels = {f"Linux {one.kernel}" for one in kept
               if one.program in REPLAYS}

    def verdict(variants, variant):
        cases = variants.get(variant)
        if not cases:
            return "not run"
        return "yes" if set(cases) == kernels else f"yes ({', '.join(cases)})"

    return grid(
        ["Peer", "What it does", "dials", "is dialled"],
        [[peer, test.replace("_", " "), verdict(variants, "dials_ipv4"),
          verdict(variants, "is_dialled_ipv6")]
         for (peer, test), variants in rows.items()], [11, 41, 5, 10])


TABLES = {
    "software": table_software,
    "stacks": table_stacks,
    "js-libp2p": table_js,
    "replays": table_replays,
}


def with_tables(text, kept):
    """The document, with the tables in it renewed."""
    for name, table in TABLES.items():
        begin, end = f".. table {name}\n", f".. end of table {name}\n"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise SystemExit(f"there is no place for the table {name}")
        pattern = re.escape(begin) + ".*?" + re.escape(end)
        whole = f"{begin}\n{table(kept)}\n{end}"
        text = re.sub(pattern, lambda match, to=whole: to, text, flags=re.S)
    return text
