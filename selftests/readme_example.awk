# SPDX-License-Identifier: GPL-2.0
#
# The first C program of README.md.

/^```$/ && inside { exit }
inside
/^```c$/ { inside = 1 }
