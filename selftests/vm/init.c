// SPDX-License-Identifier: GPL-2.0
/*
 * PID 1 of the test VM.
 *
 * Loads the module, does what /vm/job says, checks that nothing is left
 * behind, and powers off.  Results go out in TAP over the second serial port,
 * each line with the time stamp that printk would give it, so that they can be
 * merged with the console.  The lines of /vm/job:
 *
 *	module NAME	the module under test
 *	slow N		stretch time limits by N
 *	limit N		the time limit of a program, instead of that in settings
 *	env NAME=VALUE	for all that follow
 *	without NAME	leave out this variant of tests
 *	test NAME	run a program of TESTDIR as kselftest's runner would
 *	run COMMAND	run a shell command; it has no time limit of its own
 *	shell		an interactive shell on the console
 *
 * An empty job just proves that the machine boots.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define TESTDIR		"/selftests/net/wrtcsub"
#define KMEMLEAK	"/sys/kernel/debug/kmemleak"
#define SLABS		"/sys/kernel/slab"
#define MAX_JOBS	512
#define MAX_WITHOUT	64

#define KSFT_PASS	0
#define KSFT_XFAIL	2
#define KSFT_SKIP	4

static FILE *result;
static char *jobs[MAX_JOBS];
static int njobs;
static char *without[MAX_WITHOUT];
static int nwithout;
static char module[64];
static int slow = 1;
static int test_timeout;
static int serial;
static bool line_open;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* One line, without its newline, to the result port. */
static void say(const char *fmt, ...)
{
	va_list ap;

	fprintf(result, "[%12.6f] ", now());
	va_start(ap, fmt);
	vfprintf(result, fmt, ap);
	va_end(ap);
	fputc('\n', result);
	fflush(result);
}

static void report(bool ok, const char *name, const char *why)
{
	say("%s %d %s%s%s", ok ? "ok" : "not ok", ++serial, name,
	    *why ? " # " : "", why);
}

/* Give out program output as it comes, each line as a TAP comment. */
static void say_output(const char *buf, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (!line_open) {
			fprintf(result, "[%12.6f] # ", now());
			line_open = true;
		}
		if (buf[i] != '\r')
			fputc(buf[i], result);
		if (buf[i] == '\n')
			line_open = false;
	}
	fflush(result);
}

static void end_output(void)
{
	if (line_open)
		fputc('\n', result);
	line_open = false;
	fflush(result);
}

static bool say_file(const char *path)
{
	char buf[4096];
	bool any = false;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY);
	if (fd < 0)
		return false;
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		any = true;
		say_output(buf, n);
	}
	close(fd);
	end_output();
	return any;
}

static int put_file(const char *path, const char *text)
{
	ssize_t n = -1;
	int fd;

	fd = open(path, O_WRONLY);
	if (fd >= 0) {
		n = write(fd, text, strlen(text));
		close(fd);
	}
	return n < 0 ? -1 : 0;
}

/* The machine cannot be shut down otherwise: init of an initramfs is all. */
static void power_off(void)
{
	if (result) {
		say("VM: end");
		tcdrain(fileno(result));
	}
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

static void mount_all(void)
{
	static const struct {
		const char *type, *dir;
	} fs[] = {
		{ "devtmpfs", "/dev" }, { "proc", "/proc" },
		{ "sysfs", "/sys" }, { "devpts", "/dev/pts" },
		{ "tmpfs", "/dev/shm" }, { "tmpfs", "/tmp" },
		{ "tmpfs", "/run" }, { "debugfs", "/sys/kernel/debug" },
		{ "tracefs", "/sys/kernel/tracing" },
		{ "cgroup2", "/sys/fs/cgroup" },
	};
	size_t i;

	for (i = 0; i < sizeof(fs) / sizeof(fs[0]); i++) {
		mkdir(fs[i].dir, 0755);
		/* Kernels differ in what they have; tests skip themselves. */
		mount(fs[i].type, fs[i].dir, fs[i].type, 0, NULL);
	}
	chmod("/tmp", 01777);
	symlink("/proc/self/fd", "/dev/fd");
	symlink("fd/0", "/dev/stdin");
	symlink("fd/1", "/dev/stdout");
	symlink("fd/2", "/dev/stderr");
	symlink("/proc/self/mounts", "/etc/mtab");
}

static void open_result(void)
{
	struct termios t;
	int fd;

	fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || tcgetattr(fd, &t))
		return;
	cfmakeraw(&t);
	cfsetspeed(&t, B115200);
	tcsetattr(fd, TCSANOW, &t);
	result = fdopen(fd, "w");
}

static void lo_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
}

static void read_settings(void)
{
	char *line = NULL;
	size_t size = 0;
	FILE *f;

	test_timeout = 45;	/* kselftest's default */
	f = fopen(TESTDIR "/settings", "re");
	while (f && getline(&line, &size, f) > 0)
		sscanf(line, "timeout=%d", &test_timeout);
	if (f)
		fclose(f);
	free(line);
}

static void read_job(void)
{
	char *line = NULL, *arg;
	size_t size = 0;
	FILE *f;

	f = fopen("/vm/job", "re");
	while (f && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = 0;
		arg = strchr(line, ' ');
		arg = arg ? arg + 1 : line + strlen(line);
		if (!strncmp(line, "module ", 7))
			snprintf(module, sizeof(module), "%s", arg);
		else if (!strncmp(line, "slow ", 5))
			slow = atoi(arg);
		else if (!strncmp(line, "limit ", 6))
			test_timeout = atoi(arg);
		else if (!strncmp(line, "env ", 4))
			putenv(strdup(arg));
		else if (!strncmp(line, "without ", 8) &&
			 nwithout < MAX_WITHOUT)
			without[nwithout++] = strdup(arg);
		else if (njobs < MAX_JOBS)
			jobs[njobs++] = strdup(line);
	}
	if (f)
		fclose(f);

	if (!test_timeout)
		read_settings();
	free(line);
}

/* What keeps the machine busy when a test does not come to its end. */
static void dump_tasks(void)
{
	char path[PATH_MAX], exe[PATH_MAX];
	struct dirent *d;
	DIR *dir;

	dir = opendir("/proc");
	while (dir && (d = readdir(dir))) {
		if (!isdigit(d->d_name[0]) || !strcmp(d->d_name, "1"))
			continue;
		/* Kernel threads have no executable. */
		snprintf(path, sizeof(path), "/proc/%s/exe", d->d_name);
		if (readlink(path, exe, sizeof(exe)) < 0)
			continue;
		say("# stack of process %s:", d->d_name);
		snprintf(path, sizeof(path), "/proc/%s/comm", d->d_name);
		say_file(path);
		snprintf(path, sizeof(path), "/proc/%s/stack", d->d_name);
		say_file(path);
	}
	if (dir)
		closedir(dir);
	put_file("/proc/sysrq-trigger", "w");
	/* Held locks. */
	if (!access("/proc/lockdep_stats", F_OK))
		put_file("/proc/sysrq-trigger", "d");
}

/* Kill whatever a test left running. Returns false if something survives. */
static bool reap_all(void)
{
	double end = now() + 10 * slow;
	pid_t pid;

	kill(-1, SIGKILL);
	do {
		pid = waitpid(-1, NULL, WNOHANG);
		if (pid < 0)
			return true;
		if (!pid)
			usleep(10000);
	} while (now() < end);
	return false;
}

/* Namespaces that stay behind would keep the module in use. */
static void drop_netns(void)
{
	char path[PATH_MAX];
	struct dirent *d;
	DIR *dir;

	dir = opendir("/run/netns");
	while (dir && (d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		say("# network namespace %s was left", d->d_name);
		snprintf(path, sizeof(path), "/run/netns/%s", d->d_name);
		umount2(path, MNT_DETACH);
		unlink(path);
	}
	if (dir)
		closedir(dir);
}

static void drain(int fd)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		say_output(buf, n);
}

/*
 * Run a command and pass on what it prints.  Returns the wait status, or -1
 * if it took longer than limit seconds (0: no limit).
 */
static int run(const char *dir, char *const argv[], int limit)
{
	double end = now() + limit;
	struct pollfd pfd;
	int fds[2], null, status = -1;
	pid_t pid;

	pipe2(fds, O_CLOEXEC);
	pid = fork();
	if (!pid) {
		setsid();
		null = open("/dev/null", O_RDONLY);
		dup2(null, 0);
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		if (chdir(dir))
			_exit(127);
		execvp(argv[0], argv);
		dprintf(2, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(fds[1]);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	pfd.fd = fds[0];
	pfd.events = POLLIN;
	for (;;) {
		poll(&pfd, 1, 20);
		drain(fds[0]);
		/* A child that closed its output must not make this spin. */
		if (pfd.revents == POLLHUP)
			usleep(10000);
		if (waitpid(pid, &status, WNOHANG) == pid)
			break;
		if (limit && now() > end) {
			status = -1;
			end_output();
			dump_tasks();
			break;
		}
	}
	drain(fds[0]);
	if (!reap_all()) {
		end_output();
		say("# a process cannot be killed");
		dump_tasks();
		status = -1;
	}
	drain(fds[0]);
	end_output();
	close(fds[0]);
	drop_netns();
	return status;
}

static void run_job(char *job)
{
	char *name = strchr(job, ' ') + 1, path[PATH_MAX], why[64] = "";
	bool is_test = !strncmp(job, "test ", 5), ok;
	char *test[4 + 2 * MAX_WITHOUT] = { "stdbuf", "-oL", path };
	char *command[] = { "bash", "-c", name, NULL };
	int limit = is_test ? test_timeout * slow : 0;
	int status, code, i;
	double start;

	snprintf(path, sizeof(path), "./%s", name);
	for (i = 0; i < nwithout && !strstr(name, ".sh"); i++) {
		test[3 + 2 * i] = "-V";
		test[4 + 2 * i] = without[i];
	}
	if (is_test)
		say("# selftests: net/wrtcsub: %s", name);
	start = now();
	status = run(is_test ? TESTDIR : "/root", is_test ? test : command,
		     limit);
	code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	ok = code == KSFT_PASS || (is_test &&
		(code == KSFT_XFAIL || code == KSFT_SKIP));
	if (status == -1)
		snprintf(why, sizeof(why), "TIMEOUT %d seconds", limit);
	else if (WIFSIGNALED(status))
		snprintf(why, sizeof(why), "signal=%d", WTERMSIG(status));
	else if (is_test && code == KSFT_SKIP)
		strcpy(why, "SKIP");
	else if (is_test && code == KSFT_XFAIL)
		strcpy(why, "XFAIL");
	else if (code)
		snprintf(why, sizeof(why), "exit=%d", code);
	report(ok, name, why);
	if (is_test)
		say("# %s took %.1f s", name, now() - start);
}

static void run_shell(void)
{
	pid_t pid;
	int fd;

	pid = fork();
	if (!pid) {
		setsid();
		fd = open("/dev/console", O_RDWR);
		ioctl(fd, TIOCSCTTY, 1);
		dup2(fd, 0);
		dup2(fd, 1);
		dup2(fd, 2);
		chdir("/root");
		execlp("bash", "bash", "-l", NULL);
		_exit(127);
	}
	while (waitpid(-1, NULL, 0) != pid)
		;
}

static bool loaded(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/module/%s/initstate", module);
	return !access(path, F_OK);
}

static bool load(void)
{
	char *argv[] = { "modprobe", "-v", module, NULL };

	return run("/", argv, 60 * slow) == 0 && loaded();
}

/* Modules that use the one under test, and that nobody uses. */
static void unload_holders(void)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/module/%s/holders", module);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			syscall(SYS_delete_module, entry->d_name, O_NONBLOCK);
	if (dir)
		closedir(dir);
}

/*
 * Sockets of killed processes and dead namespaces are freed a little later, so
 * the module may still be in use for a moment.
 */
static void check_unload(void)
{
	double end = now() + 10 * slow;
	char path[PATH_MAX];
	int err;

	/* A test may have unloaded it already. */
	if (!loaded() && !load()) {
		report(false, "module unloads", "cannot load it again");
		return;
	}
	do {
		unload_holders();
		err = syscall(SYS_delete_module, module, O_NONBLOCK);
		if (!err || errno != EWOULDBLOCK)
			break;
		usleep(50000);
	} while (now() < end);
	if (err) {
		say("# delete_module: %s; refcnt, holders:", strerror(errno));
		snprintf(path, sizeof(path), "/sys/module/%s/refcnt", module);
		say_file(path);
	}
	report(!err && !loaded(), "module unloads", "");
}

/* Is a byte behind an object changed?  The kernel's log says so.  KASAN keeps what
 * is freed for a while, so the slabs are asked.
 */
static void check_slabs(void)
{
	DIR *dir = opendir(SLABS);
	struct dirent *entry;
	char path[PATH_MAX];

	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof(path), SLABS "/%s/validate",
			 entry->d_name);
		put_file(path, "1");
	}
	if (dir)
		closedir(dir);
}

/*
 * kmemleak reports an object if it is 5 s old and looked unreferenced in two
 * scans with the same content.
 */
static void check_kmemleak(const char *name)
{
	if (access(KMEMLEAK, F_OK))
		return;
	check_slabs();
	sleep(6);
	put_file(KMEMLEAK, "scan");
	sleep(1);
	put_file(KMEMLEAK, "scan");
	report(!say_file(KMEMLEAK), name, "");
	put_file(KMEMLEAK, "clear");
}

int main(void)
{
	static const struct rlimit no_core;
	int i, plan;

	if (getpid() != 1)
		return 1;
	mount_all();
	open_result();
	if (!result)
		power_off();
	setenv("PATH", "/usr/sbin:/usr/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("TERM", "linux", 1);
	setenv("LC_ALL", "C", 1);
	setrlimit(RLIMIT_CORE, &no_core);
	sethostname("vm", 2);
	say("VM: start");
	read_job();
	if (!njobs)
		power_off();
	lo_up();
	/* Scans are asked for when they tell something. */
	put_file(KMEMLEAK, "scan=off");

	if (!strcmp(jobs[0], "shell")) {
		if (*module && !load())
			puts("the module does not load");
		run_shell();
		power_off();
	}

	plan = njobs;
	if (*module)
		plan += access(KMEMLEAK, F_OK) ? 2 : 4;
	say("TAP version 13");
	say("1..%d", plan);
	if (*module) {
		bool ok = load();

		report(ok, "module loads", "");
		if (!ok) {
			say("Bail out! no module");
			power_off();
		}
	}
	for (i = 0; i < njobs; i++)
		run_job(jobs[i]);
	if (*module) {
		check_kmemleak("no memory leak while loaded");
		check_unload();
		check_kmemleak("no memory leak after unload");
	}
	power_off();
}
