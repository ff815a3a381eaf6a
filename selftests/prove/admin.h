/* SPDX-License-Identifier: GPL-2.0 */
/* Steps of an administrator: lists, SOCK_DESTROY, net.wrtcsub.*. */
#ifndef SELFTESTS_WRTCSUB_ADMIN_H
#define SELFTESTS_WRTCSUB_ADMIN_H

#include "steps.h"

void settings_reset(void);

void step_diag_list(struct hand *hand, struct random *r);
void step_diag_get(struct hand *hand, struct random *r);
void step_diag_destroy(struct hand *hand, struct random *r);
void step_proc(struct hand *hand, struct random *r);
void step_sysctl(struct hand *hand, struct random *r);

#endif
