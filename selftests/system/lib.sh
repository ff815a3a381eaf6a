# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Shared by the scripts of this directory that run on the building machine.

SYSTEM_DIR=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=../vm/lib.sh
. "$SYSTEM_DIR/../vm/lib.sh"
set -e -o pipefail
