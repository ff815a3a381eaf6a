// SPDX-License-Identifier: GPL-2.0
/*
 * Rows are kept until all are there, since the widest cell makes the width of
 * its column.  Behind its cells a row may have more text of any form.
 */

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "table.h"
#include "text.h"

struct row {
	struct row	*next;
	int		nr;
	char		*cells[TABLE_COLUMNS];
	struct text	rest;
};

static struct row *table_last(struct table *table)
{
	return (struct row *)((char *)table->tail -
			      offsetof(struct row, next));
}

void table_row(struct table *table)
{
	struct row *row = calloc(1, sizeof(*row));

	if (!row)
		err(STATUS_FAILED, "calloc");
	*table->tail = row;
	table->tail = &row->next;
}

void table_cell(struct table *table, const char *format, ...)
{
	struct row *row = table_last(table);
	va_list args;

	va_start(args, format);
	if (vasprintf(&row->cells[row->nr++], format, args) < 0)
		err(STATUS_FAILED, "vasprintf");
	va_end(args);
}

void table_add(struct table *table, const char *format, ...)
{
	struct row *row = table_last(table);
	char *string;
	va_list args;

	va_start(args, format);
	if (vasprintf(&string, format, args) < 0)
		err(STATUS_FAILED, "vasprintf");
	va_end(args);
	text_add(&row->rest, "%s", string);
	free(string);
}

void table_init(struct table *table, const struct column *columns,
		bool header)
{
	memset(table, 0, sizeof(*table));
	table->tail = &table->rows;
	for (; columns[table->nr].head; table->nr++)
		table->columns[table->nr] = columns[table->nr];
	if (!header)
		return;
	table_row(table);
	for (; columns->head; columns++)
		table_cell(table, "%s", columns->head);
}

static void row_print(const struct table *table, const struct row *row,
		      const int *width)
{
	const struct column *column = table->columns;
	bool last;
	int i;

	for (i = 0; i < row->nr; i++, column++) {
		last = i == row->nr - 1 && !row->rest.len;
		if (column->right)
			printf("%*s", width[i], row->cells[i]);
		else if (last)
			fputs(row->cells[i], stdout);
		else
			printf("%-*s", width[i], row->cells[i]);
		if (!last && !column->glued)
			putchar(' ');
	}
	puts(text_get(&row->rest));
}

/* Prints all, and forgets it. */
void table_print(struct table *table)
{
	int i, len, width[TABLE_COLUMNS] = {};
	struct row *row;

	for (row = table->rows; row; row = row->next) {
		for (i = 0; i < row->nr; i++) {
			len = strlen(row->cells[i]);
			if (len > width[i])
				width[i] = len;
		}
	}
	while ((row = table->rows)) {
		row_print(table, row, width);
		table->rows = row->next;
		while (row->nr)
			free(row->cells[--row->nr]);
		text_free(&row->rest);
		free(row);
	}
	table->tail = &table->rows;
}
