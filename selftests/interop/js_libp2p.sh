#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# shellcheck source=vm.sh
. "$(dirname "$0")/vm.sh"
interop js_libp2p.py
