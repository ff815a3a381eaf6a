/* SPDX-License-Identifier: GPL-2.0 */
/* The module, where it is not loaded yet. */
#ifndef LOAD_H
#define LOAD_H

void load_module(void);

#endif /* LOAD_H */
