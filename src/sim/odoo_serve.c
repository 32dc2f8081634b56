/* A simulated Odoo as a program of its own.
 * Leaves all of it to odoo.c. Called by main.c. */
#include "odoo_serve.h"
#include "base/file.h"
#include "base/mem.h"
#include "front.h"
#include "odoo_users.h"
#include <signal.h>
#include <stdio.h>

#define WATCHER "integ_watch"

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

/* What a worker and a console need to find it: the address last, when it is listening. */
static int write_files(const struct odoo_serve_options *options, const struct odoo_sim *sim,
	int port, struct err *err)
{
	CLEANUP(str_done)
	struct str key = STR_INIT(4096), url = STR_INIT(4096), text = STR_INIT(64);
	int r;

	str_addf(&key, "%s/odoo.key", options->dir);
	str_addf(&url, "%s/odoo.url", options->dir);
	str_addf(&text, "http://127.0.0.1:%d", port);
	r = file_write(str_cstr(&key), slice_of(odoo_sim_key(sim, WATCHER)), 0600, err);
	return r < 0 ? r : file_write(str_cstr(&url), str_slice(&text), 0600, err);
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
	struct front front = {0};
	int r = loop_new(&clock, &loop, err);

	if (r < 0)
		return r;
	how.clock = &clock;
	sim = odoo_sim_new(&how);
	front = (struct front){.odoo = sim, .target = target_sim_new(true)};
	for (int i = 0; i < options->n_faults && r == 0; i++)
		r = odoo_sim_fault(sim, slice_of(options->faults[i]), err);
	if (r == 0)
		r = loop_signal(loop, SIGTERM, on_stop, loop, err);
	if (r == 0)
		r = loop_signal(loop, SIGINT, on_stop, loop, err);
	if (r == 0)
		r = web_listen(loop, options->listen, front_serve, &front, &web, err);
	if (r == 0)
		say_where(options, sim, web_port(web));
	if (r == 0 && options->dir && (r = write_files(options, sim, web_port(web), err)) == 0)
		front.live = odoo_live_open(loop, sim, how.seed, options->rate, options->dir);
	if (r == 0)
		loop_run(loop);
	odoo_live_close(front.live);
	web_close(web);
	target_sim_free(front.target);
	return r;
}
