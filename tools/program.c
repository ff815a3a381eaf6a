// SPDX-License-Identifier: GPL-2.0
/*
 * Will a library that is preloaded see the sockets of a program?
 *
 * The dynamic linker says nothing of a program that it does not get to see, and
 * passes over what it cannot load; such a program would go on with TCP.
 */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "message.h"
#include "program.h"

#define SCRIPTS_MAX	4	/* of which one is interpreted by another */
#define NOTES_MAX	4096

struct program {
	const char	*name;		/* as the user said it */
	char		path[PATH_MAX];
	int		fd;
	ElfW(Ehdr)	header;
};

/* What a program of this machine's kind has: that of this tool. */
static char own_linker[PATH_MAX];

static bool refuse(const struct program *p, const char *why)
{
	message("%s %s: the library cannot be preloaded (--no-preload)",
		p->name, why);
	return false;
}

/* As execvp(3) finds it. */
static bool find(struct program *p)
{
	const char *dirs = getenv("PATH");
	size_t len;

	if (strchr(p->name, '/') || !dirs)
		dirs = "";
	for (;; dirs += len + 1) {
		len = strcspn(dirs, ":");
		if (snprintf(p->path, sizeof(p->path), "%.*s%s%s", (int)len,
			     dirs, len ? "/" : "", p->name) <
		    (int)sizeof(p->path) && !access(p->path, X_OK))
			return true;
		if (!dirs[len])
			break;
	}
	message("%s: %s", p->name, strerror(errno));
	return false;
}

/* The first segment of that type, if there is one. */
static bool segment(const struct program *p, unsigned int type,
		    ElfW(Phdr) *found)
{
	size_t i;

	for (i = 0; i < p->header.e_phnum; i++) {
		if (pread(p->fd, found, sizeof(*found), p->header.e_phoff +
			  i * sizeof(*found)) != sizeof(*found))
			return false;
		if (found->p_type == type)
			return true;
	}
	return false;
}

/* The dynamic linker it asks for; "": none. */
static void get_linker(const struct program *p, char *linker)
{
	ElfW(Phdr) phdr;
	ssize_t len;

	linker[0] = '\0';
	if (!segment(p, PT_INTERP, &phdr) || phdr.p_filesz > PATH_MAX)
		return;
	len = pread(p->fd, linker, phdr.p_filesz, phdr.p_offset);
	if (len > 0)
		linker[len - 1] = '\0';
}

/* Go's linker leaves a note of its own; Go makes its system calls itself. */
static bool is_go(const struct program *p)
{
	static const char name[] = "Go\0";
	char notes[NOTES_MAX];
	ElfW(Phdr) phdr;
	ssize_t len;

	if (!segment(p, PT_NOTE, &phdr))
		return false;
	len = pread(p->fd, notes, sizeof(notes), phdr.p_offset);
	return len > 0 && memmem(notes, len, name, sizeof(name));
}

/* One with privileges of its own is linked without what the user preloads. */
static bool is_privileged(const struct program *p)
{
	struct stat st;

	if (fstat(p->fd, &st))
		return false;
	if ((st.st_mode & S_ISUID && st.st_uid != getuid()) ||
	    (st.st_mode & S_ISGID && st.st_gid != getgid()))
		return true;
	return getuid() && fgetxattr(p->fd, "security.capability", NULL, 0) > 0;
}

static bool check_elf(struct program *p)
{
	char linker[PATH_MAX + 1];

	if (is_privileged(p))
		return refuse(p, "has privileges of its own");
	get_linker(p, linker);
	if (!*linker)
		return refuse(p, "is linked statically");
	if (strcmp(linker, own_linker))
		return refuse(p, "is of another kind");
	if (is_go(p))
		return refuse(p, "is written in Go");
	return true;
}

/* The interpreter of a script, in @path; false: it is none. */
static bool get_interpreter(const struct program *p, char *path, size_t size)
{
	char *start;
	ssize_t len;

	len = pread(p->fd, path, size - 1, 0);
	if (len < 2 || memcmp(path, "#!", 2))
		return false;
	path[len] = '\0';
	path[2 + strcspn(path + 2, "\n")] = '\0';
	start = path + 2 + strspn(path + 2, " \t");
	start[strcspn(start, " \t")] = '\0';
	memmove(path, start, strlen(start) + 1);
	return *path;
}

static bool check(struct program *p, unsigned int scripts)
{
	bool is_elf, ok;

	p->fd = open(p->path, O_RDONLY | O_CLOEXEC);
	/* What cannot be read is not preloaded for, either. */
	if (p->fd < 0) {
		message("%s: %s", p->path, strerror(errno));
		return false;
	}
	is_elf = pread(p->fd, &p->header, sizeof(p->header), 0) ==
		 sizeof(p->header) &&
		 !memcmp(p->header.e_ident, ELFMAG, SELFMAG);
	if (is_elf)
		ok = p->header.e_phentsize == sizeof(ElfW(Phdr)) ?
		     check_elf(p) : refuse(p, "is of another kind");
	else if (get_interpreter(p, p->path, sizeof(p->path)))
		ok = scripts ? check(p, scripts - 1) :
			       refuse(p, "is too deep a script");
	else
		ok = refuse(p, "is no program of this machine");
	return ok;
}

bool program_takes_preload(const char *name)
{
	struct program self = { .name = "/proc/self/exe" };
	struct program p = { .name = name };

	self.fd = open(self.name, O_RDONLY | O_CLOEXEC);
	if (pread(self.fd, &self.header, sizeof(self.header), 0) > 0)
		get_linker(&self, own_linker);
	close(self.fd);
	return find(&p) && check(&p, SCRIPTS_MAX);
}
