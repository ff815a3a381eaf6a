/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _UNIT_LINUX_MINMAX_H
#define _UNIT_LINUX_MINMAX_H

#define min_t(type, x, y)					\
({								\
	type _min_x = (x);					\
	type _min_y = (y);					\
								\
	_min_x < _min_y ? _min_x : _min_y;			\
})

#define swap(a, b)						\
do {								\
	__auto_type _swap_a = &(a);				\
	__auto_type _swap_b = &(b);				\
	__typeof__(*_swap_a) _swap = *_swap_a;			\
								\
	*_swap_a = *_swap_b;					\
	*_swap_b = _swap;					\
} while (0)

#endif /* _UNIT_LINUX_MINMAX_H */
