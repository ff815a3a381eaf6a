# SPDX-License-Identifier: GPL-2.0
#
# The rules for nft(8) in wrtcsub-security.rst.

/^[^\t]/ && inside { exit }
/^\ttable / { inside = 1 }
inside { sub(/^\t/, ""); print }
