// SPDX-License-Identifier: GPL-2.0
/*
 * Under "wrtcsub run": what the program runs has substreams as well, or it is
 * not run.  run.sh has what the user sees of that.
 */

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "lib/harness.h"

#define ARGS	5	/* each time */
#define NOBODY	65534
#define FAILED	100	/* and errno: the exit status of who could not run it */

typedef int run_t(const char *path, char *const argv[], char *const envp[]);

FIXTURE(exec)
{
	char *envp[3];
	char preload[PATH_MAX];
	char busybox[PATH_MAX];
	char said[256];
};

FIXTURE_VARIANT(exec)
{
	run_t *run;
};

static int by_execv(const char *path, char *const argv[], char *const envp[])
{
	environ = (char **)envp;
	return execv(path, argv);
}

static int by_execvp(const char *path, char *const argv[], char *const envp[])
{
	(void)path;
	environ = (char **)envp;
	return execvp(argv[0], argv);
}

static int by_execvpe(const char *path, char *const argv[], char *const envp[])
{
	(void)path;
	return execvpe(argv[0], argv, envp);
}

static int by_execl(const char *path, char *const argv[], char *const envp[])
{
	environ = (char **)envp;
	return execl(path, argv[0], argv[1], argv[2], argv[3], argv[4], NULL);
}

static int by_execlp(const char *path, char *const argv[], char *const envp[])
{
	(void)path;
	environ = (char **)envp;
	return execlp(argv[0], argv[0], argv[1], argv[2], argv[3], argv[4],
		      NULL);
}

static int by_execle(const char *path, char *const argv[], char *const envp[])
{
	return execle(path, argv[0], argv[1], argv[2], argv[3], argv[4], NULL,
		      envp);
}

static int by_fexecve(const char *path, char *const argv[], char *const envp[])
{
	return fexecve(open(path, O_PATH | O_CLOEXEC), argv, envp);
}

static int by_execveat(const char *path, char *const argv[], char *const envp[])
{
	int dir = open("/", O_PATH | O_CLOEXEC);

	return execveat(dir, path + 1, argv, envp, 0);
}

static int by_execveat_of_fd(const char *path, char *const argv[],
			     char *const envp[])
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	return execveat(fd, "", argv, envp, AT_EMPTY_PATH);
}

static int by_execveat_or_empty(const char *path, char *const argv[],
				char *const envp[])
{
	return execveat(AT_FDCWD, path, argv, envp, AT_EMPTY_PATH);
}

static int wait_for(pid_t pid)
{
	int status;

	return pid > 0 && waitpid(pid, &status, 0) == pid &&
	       WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int spawned(int error, pid_t pid)
{
	if (!error)
		_exit(wait_for(pid));
	errno = error;
	return -1;
}

static int by_spawn(const char *path, char *const argv[], char *const envp[])
{
	pid_t pid = 0;
	int error = posix_spawn(&pid, path, NULL, NULL, argv, envp);

	return spawned(error, pid);
}

static int by_spawnp(const char *path, char *const argv[], char *const envp[])
{
	pid_t pid = 0;
	int error = posix_spawnp(&pid, argv[0], NULL, NULL, argv, envp);

	(void)path;
	return spawned(error, pid);
}

FIXTURE_VARIANT_ADD(exec, execve) { .run = execve };
FIXTURE_VARIANT_ADD(exec, execv) { .run = by_execv };
FIXTURE_VARIANT_ADD(exec, execvp) { .run = by_execvp };
FIXTURE_VARIANT_ADD(exec, execvpe) { .run = by_execvpe };
FIXTURE_VARIANT_ADD(exec, execl) { .run = by_execl };
FIXTURE_VARIANT_ADD(exec, execlp) { .run = by_execlp };
FIXTURE_VARIANT_ADD(exec, execle) { .run = by_execle };
FIXTURE_VARIANT_ADD(exec, fexecve) { .run = by_fexecve };
FIXTURE_VARIANT_ADD(exec, execveat) { .run = by_execveat };
FIXTURE_VARIANT_ADD(exec, execveat_of_fd) { .run = by_execveat_of_fd };
FIXTURE_VARIANT_ADD(exec, posix_spawn) { .run = by_spawn };
FIXTURE_VARIANT_ADD(exec, posix_spawnp) { .run = by_spawnp };

/* Where the shell finds it. */
static bool find(const char *name, char *path, size_t size)
{
	char command[64];
	FILE *file;
	bool found;

	snprintf(command, sizeof(command), "command -v %s", name);
	file = popen(command, "r");
	if (!file)
		return false;
	found = fgets(path, size, file);
	path[strcspn(path, "\n")] = '\0';
	return !pclose(file) && found;
}

FIXTURE_SETUP(exec)
{
	const char *preload = getenv("LD_PRELOAD");

	ASSERT_NE(NULL, preload);
	snprintf(self->preload, sizeof(self->preload), "LD_PRELOAD=%s",
		 preload);
	self->envp[0] = "MARK=7";
	self->envp[1] = self->preload;
	ASSERT_TRUE(find("busybox", self->busybox, sizeof(self->busybox)));
}

FIXTURE_TEARDOWN(exec)
{
}

/* Its exit status; what it said on standard error is in @said then. */
static int run_it(run_t *run, const char *path, char *const argv[],
		  char *const envp[], char *said, size_t size)
{
	int log = memfd_create("log", MFD_CLOEXEC), status;
	pid_t pid = fork();
	ssize_t len;

	if (!pid) {
		dup2(log, STDERR_FILENO);
		run(path, argv, envp);
		_exit(FAILED + errno);
	}
	status = wait_for(pid);
	len = pread(log, said, size - 1, 0);
	said[len > 0 ? len : 0] = '\0';
	close(log);
	return status;
}

TEST_F(exec, gives_a_program_its_arguments_and_environment)
{
	char *argv[ARGS + 1] = {
		"bash", "-c", "[ $0$1$MARK = ab7 ]", "a", "b"
	};
	char path[PATH_MAX];

	ASSERT_TRUE(find("bash", path, sizeof(path)));
	ASSERT_EQ(0, run_it(variant->run, path, argv, self->envp, self->said,
			    sizeof(self->said)));
	ASSERT_STREQ("", self->said);
}

TEST_F(exec, of_a_static_program_is_refused)
{
	char *argv[ARGS + 1] = { "busybox", "true", "x", "a", "b" };

	ASSERT_EQ(FAILED + EACCES,
		  run_it(variant->run, self->busybox, argv, self->envp,
			 self->said, sizeof(self->said)));
	ASSERT_NE(NULL, strstr(self->said, "is linked statically"));
}

/* As in a chroot(2) of a server, where nothing says what a descriptor is. */
TEST_F(exec, of_a_static_program_is_refused_without_proc)
{
	char *argv[ARGS + 1] = { "busybox", "true", "x", "a", "b" };

	ASSERT_EQ(0, unshare(CLONE_NEWNS));
	ASSERT_EQ(0, mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	ASSERT_EQ(0, umount2("/proc", MNT_DETACH));
	ASSERT_EQ(FAILED + EACCES,
		  run_it(variant->run, self->busybox, argv, self->envp,
			 self->said, sizeof(self->said)));
}

/* The dynamic linker passes over what is preloaded, as with set-user-ID. */
TEST_F(exec, with_the_rights_of_another_is_refused)
{
	char *argv[ARGS + 1] = { "bash", "-c", "exit 0", "a", "b" };
	char path[PATH_MAX];
	int status;

	ASSERT_TRUE(find("bash", path, sizeof(path)));
	ASSERT_EQ(0, setegid(NOBODY));
	status = run_it(variant->run, path, argv, self->envp, self->said,
			sizeof(self->said));
	ASSERT_EQ(FAILED + EACCES, status);
	ASSERT_NE(NULL, strstr(self->said, "the rights of another"));

	ASSERT_EQ(0, setegid(getgid()));
	ASSERT_EQ(0, seteuid(NOBODY));
	status = run_it(variant->run, path, argv, self->envp, self->said,
			sizeof(self->said));
	ASSERT_EQ(FAILED + EACCES, status);
}

/* Who takes the library away has said that it is to be TCP. */
TEST_F(exec, without_the_library_is_as_ever)
{
	char *argv[ARGS + 1] = { "busybox", "true", "x", "a", "b" };

	self->envp[1] = NULL;
	ASSERT_EQ(0, run_it(variant->run, self->busybox, argv, self->envp,
			    self->said, sizeof(self->said)));
	ASSERT_STREQ("", self->said);
}

TEST_F(exec, of_what_is_not_there_is_enoent)
{
	char *argv[ARGS + 1] = { "nonsense", "true", "x", "a", "b" };
	int error = ENOENT;

	/* There is no descriptor to run. */
	if (variant->run == by_fexecve)
		error = EINVAL;
	else if (variant->run == by_execveat_of_fd)
		error = EBADF;
	ASSERT_EQ(FAILED + error,
		  run_it(variant->run, "/nonsense", argv, self->envp,
			 self->said, sizeof(self->said)));
	ASSERT_STREQ("", self->said);
}

/* What takes a path, that is: a name is for the C library to look at. */
TEST(of_a_path_from_nowhere_is_efault)
{
	run_t *const runs[] = {
		execve, by_execv, by_execl, by_execle, by_execveat_or_empty,
		by_spawn,
	};
	char *argv[ARGS + 1] = { "nonsense", "true", "x", "a", "b" };
	char said[256];
	size_t i;

	for (i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		ASSERT_EQ(FAILED + EFAULT, run_it(runs[i], (void *)8, argv,
						  environ, said,
						  sizeof(said)));
		ASSERT_STREQ("", said);
	}
}

/* They run a shell, and that has the library as well. */
TEST(system_and_popen_are_refused_by_the_shell)
{
	FILE *file;

	ASSERT_EQ(126, WEXITSTATUS(system("busybox true")));
	file = popen("exec busybox true", "r");
	ASSERT_NE(NULL, file);
	ASSERT_EQ(126, WEXITSTATUS(pclose(file)));
}

TEST_HARNESS_MAIN
