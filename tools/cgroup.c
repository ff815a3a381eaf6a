// SPDX-License-Identifier: GPL-2.0
/* The identifier of a cgroup v2 is that of its directory: a file handle. */

#include <fcntl.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "text.h"

#define HANDLE_TYPE	1	/* FILEID_INO32_GEN, but kernfs has 64 bits */

/* The root of cgroup v2, as the mounts of a process say. */
static int open_root_of(const char *process, const char *prefix)
{
	char path[4096];
	struct mntent *entry;
	int fd = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/mounts", process);
	file = setmntent(path, "re");
	if (!file)
		return -1;
	while (fd < 0 && (entry = getmntent(file))) {
		if (strcmp(entry->mnt_type, "cgroup2"))
			continue;
		snprintf(path, sizeof(path), "%s%s", prefix, entry->mnt_dir);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	endmntent(file);
	return fd;
}

/* Where /sys is another one there may be none: ip-netns(8). */
static int open_root(void)
{
	int fd = open_root_of("self", "");

	return fd < 0 ? open_root_of("1", "/proc/1/root") : fd;
}

static int open_handle(int root, unsigned long long id)
{
	struct {
		struct file_handle	handle;
		unsigned char		bytes[sizeof(id)];
	} h = {
		.handle.handle_bytes = sizeof(id),
		.handle.handle_type = HANDLE_TYPE,
	};

	memcpy(h.handle.f_handle, &id, sizeof(id));
	return open_by_handle_at(root, &h.handle, O_RDONLY | O_CLOEXEC);
}

static ssize_t path_of(int fd, char *path, size_t size)
{
	char link[64];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, size - 1);
	path[len > 0 ? len : 0] = '\0';
	return len;
}

/* A user may have made the directory, of any bytes.  A backslash is no matter
 * here, and systemd has \x2d in names of its own.
 */
static void add_path(struct text *text, const char *path)
{
	const unsigned char *p = (const unsigned char *)path;

	for (; *p; p++)
		text_add(text, *p < 0x20 || *p >= 0x7f ? "\\x%02x" : "%c", *p);
}

/* false: it is gone, or without CAP_DAC_READ_SEARCH. */
static bool find_path(struct text *text, unsigned long long id)
{
	char root_path[4096], path[4096];
	ssize_t skip, len;
	int root, fd;

	root = open_root();
	if (root < 0)
		return false;
	skip = path_of(root, root_path, sizeof(root_path));
	fd = open_handle(root, id);
	close(root);
	if (fd < 0)
		return false;
	len = path_of(fd, path, sizeof(path));
	close(fd);
	if (skip < 0 || len < skip || memcmp(path, root_path, skip))
		return false;
	add_path(text, path[skip] ? path + skip : "/");
	return true;
}

/* "/a/b", as in /proc/PID/cgroup; "unreachable:ID" if it is gone, or without
 * CAP_DAC_READ_SEARCH.  Valid until the next call; neighbours in a list often
 * have the same one.
 */
const char *cgroup_path(unsigned long long id)
{
	static unsigned long long last;
	static struct text path;

	if (path.len && id == last)
		return path.string;
	text_free(&path);
	if (!find_path(&path, id))
		text_add(&path, "unreachable:%llx", id);
	last = id;
	return path.string;
}
