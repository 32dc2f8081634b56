/* A worker that dies at a step of its own choice: the relay as orderlyd has it, and a kill -9 of itself.
 *
 *   victim CONNINFO NAME STEP N     at the Nth step of that kind; N 0: never
 *
 * SIGTERM drains it. Started by the tests of the relay. */
#include "base/mem.h"
#include "relay/relay.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct victim {
	struct loop *loop;
	struct relay *relay;
	int step;
	long left;
};

static void on_step(void *ctx, enum relay_step step)
{
	struct victim *victim = ctx;

	if ((int)step == victim->step && victim->left > 0 && --victim->left == 0)
		(void)raise(SIGKILL);
}

static void on_drained(void *ctx)
{
	struct victim *victim = ctx;

	loop_stop(victim->loop);
}

static void on_stop(void *ctx, int signo)
{
	struct victim *victim = ctx;

	(void)signo;
	relay_drain(victim->relay);
}

int main(int argc, char **argv)
{
	struct clock clock = clock_real();
	struct victim victim = {0};
	struct relay_options options = {.drained = on_drained, .step = on_step, .ctx = &victim};

	if (argc != 5)
		return 2;
	options.conninfo = argv[1];
	options.name = argv[2];
	victim.step = (int)strtol(argv[3], NULL, 10);
	victim.left = strtol(argv[4], NULL, 10);
	if (loop_new(&clock, &victim.loop, NULL) < 0 ||
		loop_signal(victim.loop, SIGTERM, on_stop, &victim, NULL) < 0)
		return 1;
	victim.relay = relay_open(victim.loop, &options);
	loop_run(victim.loop);
	relay_close(victim.relay);
	loop_free(victim.loop);
	return 0;
}
