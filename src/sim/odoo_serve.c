/* A simulated Odoo as a program of its own.
 * Leaves all of it to odoo.c. Called by main.c. */
#include "odoo_serve.h"
#include "base/mem.h"
#include "odoo_users.h"
#include <signal.h>
#include <stdio.h>

static void on_stop(void *ctx, int signo)
{
	(void)signo;
	loop_stop(ctx);
}

static void say_where(
	const struct odoo_serve_options *options, const struct odoo_sim *sim, int port)
{
	printf("listening on port %d, database %s, version %d\n", port, options->odoo.database,
		options->odoo.version);
	for (size_t i = 0; odoo_accounts[i].login; i++)
		printf("login %s, password %s, key %s\n", odoo_accounts[i].login,
			odoo_accounts[i].password, odoo_sim_key(sim, odoo_accounts[i].login));
	(void)fflush(stdout);
}

int odoo_serve(const struct odoo_serve_options *options, struct err *err)
{
	struct clock clock = clock_real();
	struct odoo_sim_options how = options->odoo;
	CLEANUP(loop_freep)
	struct loop *loop = NULL;
	CLEANUP(odoo_sim_freep)
	struct odoo_sim *sim = NULL;
	struct web *web = NULL;
	int r = loop_new(&clock, &loop, err);

	if (r < 0)
		return r;
	how.clock = &clock;
	sim = odoo_sim_new(&how);
	for (int i = 0; i < options->n_faults && r == 0; i++)
		r = odoo_sim_fault(sim, slice_of(options->faults[i]), err);
	if (r == 0)
		r = loop_signal(loop, SIGTERM, on_stop, loop, err);
	if (r == 0)
		r = loop_signal(loop, SIGINT, on_stop, loop, err);
	if (r == 0)
		r = web_listen(loop, options->listen, odoo_sim_serve, sim, &web, err);
	if (r < 0)
		return r;
	say_where(options, sim, web_port(web));
	loop_run(loop);
	web_close(web);
	return 0;
}
