/* faultproxy LISTEN TARGET: a proxy as a program. Says "listening ADDRESS", then takes one command a
 * line (see proxy.h) and answers "ok" or what is wrong with it; also "links" and "quit". Ends with
 * its input. Called by tests that drive whole programs. */
#include "base/mem.h"
#include "base/str.h"
#include "proxy.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct program {
	struct loop *loop;
	struct proxy *proxy;
	struct str input;
};

static void obey(struct program *program, struct slice line)
{
	struct err err = ERR_INIT;

	line = slice_trim(line);
	if (slice_eq_str(line, "quit"))
		loop_stop(program->loop);
	else if (slice_eq_str(line, "links"))
		printf("%zu of %zu\n", proxy_links(program->proxy), proxy_accepted(program->proxy));
	else if (proxy_command(program->proxy, line, &err) < 0)
		printf("%s\n", err.text);
	else
		puts("ok");
	fflush(stdout);
}

static void on_input(void *ctx, int events)
{
	struct program *program = ctx;
	char bytes[1024];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));
	size_t end;

	(void)events;
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		loop_stop(program->loop);
	if (n <= 0)
		return;
	str_add(&program->input, (struct slice){bytes, (size_t)n});
	while ((end = slice_find(str_slice(&program->input), '\n')) < program->input.len) {
		CLEANUP(mem_freep)
		char *rest = mem_dup_str(program->input.at + end + 1);

		obey(program, slice_head(str_slice(&program->input), end));
		str_reset(&program->input);
		str_adds(&program->input, rest);
	}
}

int main(int argc, char **argv)
{
	struct clock clock = clock_real();
	struct program program = {.input = STR_INIT(64 * 1024)};
	struct watch *watch;
	struct err err = ERR_INIT;

	if (argc != 3) {
		fprintf(stderr, "usage: faultproxy LISTEN TARGET\n");
		return 2;
	}
	if (loop_new(&clock, &program.loop, &err) < 0 ||
		proxy_open(program.loop, argv[1], argv[2], &program.proxy, &err) < 0) {
		fprintf(stderr, "faultproxy: %s\n", err.text);
		return 1;
	}
	printf("listening %s\n", proxy_address(program.proxy));
	fflush(stdout);
	watch = watch_open(program.loop, STDIN_FILENO, LOOP_READ, on_input, &program);
	loop_run(program.loop);
	watch_close(watch);
	proxy_close(program.proxy);
	loop_free(program.loop);
	str_done(&program.input);
	return 0;
}
