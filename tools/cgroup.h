/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGROUP_H
#define CGROUP_H

const char *cgroup_path(unsigned long long id);

#endif /* CGROUP_H */
