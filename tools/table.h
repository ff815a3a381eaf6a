/* SPDX-License-Identifier: GPL-2.0 */
/* Rows with columns that are as wide as they have to be. */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>

#include "util.h"

#define TABLE_COLUMNS	12

struct column {
	const char	*head;		/* NULL: no column more */
	bool		right;		/* flush right, else left */
	bool		glued;		/* to what follows: "10.0.0.1:" "80" */
};

struct row;

struct table {
	struct row	*rows;
	struct row	**tail;
	int		nr;		/* of the columns */
	struct column	columns[TABLE_COLUMNS];
};

void table_init(struct table *table, const struct column *columns,
		bool header);
void table_row(struct table *table);
__printf(2, 3)
void table_cell(struct table *table, const char *format, ...);
__printf(2, 3)
void table_add(struct table *table, const char *format, ...);
void table_print(struct table *table);

#endif /* TABLE_H */
