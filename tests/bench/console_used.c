/* Processes from outside: what they use, and stopping those of the server.
 * Reads /proc; knows nothing of what the processes do.
 * Called by bench_console. */
#include "base/mem.h"
#include "base/slice.h"
#include "console_stage.h"
#include "unit.h"
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The number behind a word that begins a line of /proc/PID/FILE, or -1. */
static int64_t number_of(pid_t pid, const char *file, const char *word)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(256);
	char line[256];
	long long number = -1;
	FILE *in;

	str_addf(&path, "/proc/%d/%s", (int)pid, file);
	in = fopen(path.at, "re");
	while (in && fgets(line, sizeof(line), in))
		if (strncmp(line, word, strlen(word)) == 0)
			number = strtoll(line + strlen(word), NULL, 10);
	if (in)
		(void)fclose(in);
	return number;
}

struct used used_by(pid_t pid)
{
	struct used used = {.at_us = pty_now_us()};
	struct timespec cpu;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &cpu) < 0)
		fail_msg("process %d cannot be looked at", (int)pid);
	used.cpu_ns = cpu.tv_sec * INT64_C(1000000000) + cpu.tv_nsec;
	used.wakeups = number_of(pid, "status", "voluntary_ctxt_switches:");
	return used;
}

struct memory memory_of(pid_t pid)
{
	return (struct memory){
		.rss_mib = (double)number_of(pid, "smaps_rollup", "Rss:") / 1024,
		.pss_mib = (double)number_of(pid, "smaps_rollup", "Pss:") / 1024,
	};
}

/* The postmaster is the parent of each of its backends. */
static void signal_server(pid_t postmaster, int signo)
{
	DIR *all = opendir("/proc");
	const struct dirent *entry;

	kill(postmaster, signo);
	while (all && (entry = readdir(all))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && number_of(pid, "status", "PPid:") == postmaster)
			kill(pid, signo);
	}
	if (all)
		closedir(all);
}

/* In a process of its own: a server that stands still when the bench was killed would stay so. */
struct stop stage_stop_server(const struct stage *stage)
{
	pid_t postmaster = (pid_t)number_of(stage_backend(stage), "status", "PPid:");
	int ends[2], stopped[2];
	struct stop stop;
	char byte;

	if (postmaster <= 1 || pipe2(ends, O_CLOEXEC) < 0 || pipe2(stopped, O_CLOEXEC) < 0)
		fail_msg("the server's processes are not found");
	stop = (struct stop){fork(), ends[1]};
	if (stop.guard == 0) {
		close(ends[1]);
		signal_server(postmaster, SIGSTOP);
		close(stopped[0]);
		close(stopped[1]);
		while (read(ends[0], &byte, 1) > 0)
			;
		signal_server(postmaster, SIGCONT);
		_exit(0);
	}
	close(ends[0]);
	close(stopped[1]);
	while (read(stopped[0], &byte, 1) > 0)
		;
	close(stopped[0]);
	return stop;
}

void stage_go_on(struct stop *stop)
{
	close(stop->fd);
	waitpid(stop->guard, NULL, 0);
}
