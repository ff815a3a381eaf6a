/* SPDX-License-Identifier: GPL-2.0 */
/* The names of states, those of sockets as ss(8) has them. */
#ifndef STATES_H
#define STATES_H

#include <stdbool.h>

#define STATES_ALL	0xffffffff

unsigned int states_find(const char *name, bool of_assocs);
const char *states_of_socket(int tcp_state);
const char *states_of_assoc(int state);

#endif /* STATES_H */
