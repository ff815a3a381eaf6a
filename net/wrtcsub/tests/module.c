// SPDX-License-Identifier: GPL-2.0
/* The unit tests as a module of their own, wrtcsub_test. */

#include <linux/module.h>

MODULE_DESCRIPTION("KUnit tests of AF_WRTCSUB");
MODULE_LICENSE("GPL");
