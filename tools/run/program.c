// SPDX-License-Identifier: GPL-2.0
/*
 * Will a library that is preloaded see the sockets of a program?
 *
 * The dynamic linker says nothing of a program that it does not get to see, and
 * passes over what it cannot load; such a program would go on with TCP.
 *
 * The library asks this between fork(2) or vfork(2) and exec, when there may be
 * no memory to be had: nothing is allocated here, and no lock is taken.
 */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <paths.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include "program.h"

#define SCRIPTS_MAX	4	/* of which one is interpreted by another */
#define LINE_SIZE	256	/* of a script: what the kernel reads of it */
#define NOTES_MAX	4096

struct program {
	int		fd;
	ElfW(Ehdr)	header;
};

/* What a program of this machine's kind has: that of this process. */
static char own_linker[LINE_SIZE];

static int get_own_linker(struct dl_phdr_info *info, size_t size, void *data)
{
	size_t i;

	for (i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			strncpy(own_linker, (const char *)info->dlpi_addr +
				info->dlpi_phdr[i].p_vaddr,
				sizeof(own_linker) - 1);
	/* The first is the program. */
	(void)size;
	(void)data;
	return 1;
}

__attribute__((constructor))
static void start(void)
{
	dl_iterate_phdr(get_own_linker, NULL);
}

/* As execvp(3) finds it: its path, of PATH_MAX; false: there is none. */
bool program_find(const char *name, char *path)
{
	static const char usual[] = "/bin:/usr/bin";
	const char *dirs = getenv("PATH") ?: usual;
	size_t len, name_len = strlen(name);
	struct stat st;

	if (strchr(name, '/'))
		dirs = "";
	for (;; dirs += len + 1) {
		len = strcspn(dirs, ":");
		if (len + name_len + 2 <= PATH_MAX) {
			memcpy(path, dirs, len);
			path[len] = '/';
			memcpy(path + len + !!len, name, name_len + 1);
			if (!stat(path, &st) && S_ISREG(st.st_mode) &&
			    !faccessat(AT_FDCWD, path, X_OK, AT_EACCESS))
				return true;
		}
		if (!dirs[len])
			return false;
	}
}

/* The first segment of that type from *@at on; *@at is behind it then. */
static bool segment(const struct program *p, unsigned int type, size_t *at,
		    ElfW(Phdr) *found)
{
	while (*at < p->header.e_phnum) {
		if (pread(p->fd, found, sizeof(*found), p->header.e_phoff +
			  (*at)++ * sizeof(*found)) != sizeof(*found))
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
	ssize_t len = 0;
	size_t at = 0;

	if (segment(p, PT_INTERP, &at, &phdr) && phdr.p_filesz < LINE_SIZE)
		len = pread(p->fd, linker, phdr.p_filesz, phdr.p_offset);
	linker[len > 0 ? len : 0] = '\0';
}

/* Go's linker leaves a note of its own; Go makes its system calls itself. */
static bool is_go(const struct program *p)
{
	static const char name[] = "Go\0";
	char notes[NOTES_MAX];
	ElfW(Phdr) phdr;
	size_t at = 0;
	ssize_t len;

	while (segment(p, PT_NOTE, &at, &phdr)) {
		len = pread(p->fd, notes, phdr.p_filesz < sizeof(notes) ?
			    phdr.p_filesz : sizeof(notes), phdr.p_offset);
		if (len > 0 && memmem(notes, len, name, sizeof(name)))
			return true;
	}
	return false;
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

static const char *check_elf(const struct program *p)
{
	char linker[LINE_SIZE];

	if (p->header.e_phentsize != sizeof(ElfW(Phdr)))
		return "is of another kind";
	/* It is as if it were set-user-ID. */
	if (geteuid() != getuid() || getegid() != getgid())
		return "runs with the rights of another";
	if (is_privileged(p))
		return "has privileges of its own";
	get_linker(p, linker);
	if (!*linker)
		return "is linked statically";
	if (strcmp(linker, own_linker))
		return "is of another kind";
	if (is_go(p))
		return "is written in Go";
	return NULL;
}

/* The interpreter of a script.  What is no program is one for the shell, as
 * execvp(3) has it.
 */
static void get_interpreter(const struct program *p, char *line)
{
	ssize_t len = pread(p->fd, line, LINE_SIZE - 1, 0);
	char *start;

	if (len < 2 || memcmp(line, "#!", 2)) {
		strcpy(line, _PATH_BSHELL);
		return;
	}
	line[len] = '\0';
	line[2 + strcspn(line + 2, "\n")] = '\0';
	start = line + 2 + strspn(line + 2, " \t");
	start[strcspn(start, " \t")] = '\0';
	memmove(line, start, strlen(start) + 1);
}

/* Is it where nothing is executed?  The dynamic linker could not map it. */
bool program_is_noexec(const char *library)
{
	struct statvfs fs;

	return !statvfs(library, &fs) && fs.f_flag & ST_NOEXEC;
}

/* What the library cannot be preloaded into for; NULL: it can, or the kernel
 * will say why it does not run.
 */
const char *program_obstacle(int dir, const char *path)
{
	char line[LINE_SIZE];
	const char *why;
	struct program p;
	int scripts;
	bool is_elf;

	for (scripts = 0; scripts <= SCRIPTS_MAX; scripts++) {
		/* It may be anything, and a FIFO would wait. */
		p.fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (p.fd < 0)
			return errno == ENOENT || errno == ENOTDIR ||
			       errno == EFAULT ? NULL : "cannot be read";
		is_elf = pread(p.fd, &p.header, sizeof(p.header), 0) ==
			 sizeof(p.header) &&
			 !memcmp(p.header.e_ident, ELFMAG, SELFMAG);
		why = is_elf ? check_elf(&p) : NULL;
		if (!is_elf)
			get_interpreter(&p, line);
		close(p.fd);
		if (is_elf)
			return why;
		path = line;
		dir = AT_FDCWD;
	}
	return "is too deep a script";
}
