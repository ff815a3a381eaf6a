# SPDX-License-Identifier: GPL-2.0
"""Deadlines.  They guard against a hang, and measure nothing."""

import os
import time

# What one step may take, in seconds: an emulated machine is slow.
LIMIT = 120
# What a peer may live: somewhat less than a program, see ../run.sh.
LIFE = 1400 if os.environ.get("SHORT") else 2900


def until(condition, what):
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.01)
