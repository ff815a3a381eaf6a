/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RELAY_H
#define RELAY_H

#include <stdbool.h>

struct substream;

void relay_serve(struct substream *sub, bool recv_only);

#endif /* RELAY_H */
