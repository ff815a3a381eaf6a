/* SPDX-License-Identifier: GPL-2.0 */
/* Members of JSON objects, and how all is printed. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

void json_put_number(struct json_object *json, const char *key,
		     unsigned long long number);
void json_put_string(struct json_object *json, const char *key,
		     const char *string);
void json_put_bytes(struct json_object *json, const char *key,
		    const void *bytes, size_t len);
void json_put_flag(struct json_object *json, const char *key, bool flag);
bool json_print(struct json_object *json);

#endif /* JSON_H */
