/* SPDX-License-Identifier: GPL-2.0 */
#ifndef STAY_TCP_H
#define STAY_TCP_H

int stay_tcp(int fd, int family);

#endif /* STAY_TCP_H */
