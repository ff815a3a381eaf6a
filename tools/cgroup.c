// SPDX-License-Identifier: GPL-2.0
/* The identifier of a cgroup v2 is that of its directory: a file handle. */

#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"

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

static void find_path(char *buf, size_t size, unsigned long long id)
{
	char root_path[4096], path[4096];
	ssize_t skip, len;
	int root, fd;

	snprintf(buf, size, "unreachable:%llx", id);
	root = open_root();
	if (root < 0)
		return;
	skip = path_of(root, root_path, sizeof(root_path));
	fd = open_handle(root, id);
	close(root);
	if (fd < 0)
		return;
	len = path_of(fd, path, sizeof(path));
	close(fd);
	if (skip >= 0 && len >= skip && !memcmp(path, root_path, skip))
		snprintf(buf, size, "%s", path[skip] ? path + skip : "/");
}

/* "/a/b", as in /proc/PID/cgroup; "unreachable:ID" if it is gone, or without
 * CAP_DAC_READ_SEARCH.  Valid until the next call; neighbours in a list often
 * have the same one.
 */
const char *cgroup_path(unsigned long long id)
{
	static unsigned long long last;
	static char path[4096];

	if (!path[0] || id != last)
		find_path(path, sizeof(path), id);
	last = id;
	return path;
}
