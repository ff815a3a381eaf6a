/* SPDX-License-Identifier: GPL-2.0 */
/* The names of the numbers in <linux/wrtcsub.h>. */
#ifndef NAMES_H
#define NAMES_H

const char *name_of_tx(int state);
const char *name_of_rx(int state);
const char *name_of_type(int type);
const char *name_of_overflow(int overflow);

#endif /* NAMES_H */
