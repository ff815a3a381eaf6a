/* SPDX-License-Identifier: GPL-2.0 */
#ifndef COMMAND_H
#define COMMAND_H

struct substream;

void command_serve(struct substream *sub, const char *command);

#endif /* COMMAND_H */
