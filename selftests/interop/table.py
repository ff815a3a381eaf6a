#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What was seen of the peers, from the run to the documentation.

table.py record KERNEL LOG   keep the results of a run in results/KERNEL
table.py compare KERNEL LOG  the cases of a run have to be those that are kept
table.py write               the tables of the documentation, from what is kept
table.py check               are they what write would write?

LOG is the directory of ../vm/run.sh with "tap" and "console".
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))

# pylint: disable=wrong-import-position
import record
import rst

DOCUMENT = os.path.join(
    HERE, "../../Documentation/networking/wrtcsub-interop.rst")


def main(command, *args):
    if command == "record":
        record.keep(*args)
        return 0
    if command == "compare":
        differences = [*record.differences(*args)]
        for line in differences:
            print(line)
        return bool(differences)
    with open(DOCUMENT, encoding="utf-8") as f:
        old = f.read()
    new = rst.with_tables(old, record.kept())
    if command == "write":
        with open(DOCUMENT, "w", encoding="utf-8") as f:
            f.write(new)
        return 0
    if command != "check":
        raise SystemExit(__doc__)
    wrong = [*record.outdated()]
    if old != new:
        wrong.append("the tables are not what selftests/interop/results gives: "
                     "run selftests/interop/table.py write")
    for line in wrong:
        print(line)
    return bool(wrong)


if len(sys.argv) < 2:
    raise SystemExit(__doc__)
sys.exit(main(*sys.argv[1:]))
