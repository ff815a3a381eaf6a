// SPDX-License-Identifier: GPL-2.0
/* Gives a target the files that are named, as libFuzzer would. */

#include "fuzz.h"

#define INPUT_MAX	4096

int main(int argc, char **argv)
{
	u8 data[INPUT_MAX];
	size_t len;
	FILE *f;
	int i;

	for (i = 1; i < argc; i++) {
		f = fopen(argv[i], "r");
		CHECK(f);
		len = fread(data, 1, sizeof(data), f);
		CHECK(feof(f));
		fclose(f);
		fuzz_one(data, len);
	}
	return 0;
}
