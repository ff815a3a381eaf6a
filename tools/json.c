// SPDX-License-Identifier: GPL-2.0
/* Members of JSON objects, and how all is printed. */

#include <json-c/json.h>
#include <stdio.h>

#include "json.h"
#include "message.h"
#include "text.h"

void json_put_number(struct json_object *json, const char *key,
		     unsigned long long number)
{
	json_object_object_add(json, key, json_object_new_uint64(number));
}

void json_put_string(struct json_object *json, const char *key,
		     const char *string)
{
	json_object_object_add(json, key, json_object_new_string(string));
}

/* Bytes of others, which need not be UTF-8: see text.c. */
void json_put_bytes(struct json_object *json, const char *key,
		    const void *bytes, size_t len)
{
	struct text text = {};

	text_add_bytes(&text, bytes, len);
	json_put_string(json, key, text_get(&text));
	text_free(&text);
}

void json_put_flag(struct json_object *json, const char *key, bool flag)
{
	json_object_object_add(json, key, json_object_new_boolean(flag));
}

/* One line; the reference is given away.  false: the user was told. */
bool json_print(struct json_object *json)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE;

	puts(json_object_to_json_string_ext(json, flags));
	json_object_put(json);
	return message_flush_output();
}
