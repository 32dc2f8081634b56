/* The command line of orderly-sim.
 * Each command is a function of another file.
 * Called by the system, by hand, or by the demo's supervisor. */
#include "base/clock.h"
#include "base/mem.h"
#include "catalogue.h"
#include "engine.h"
#include "odoo_serve.h"
#include "setup.h"
#include "target.h"
#include "traffic.h"
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_RATE 2
#define DEFAULT_SEED 20261121

static volatile sig_atomic_t stop;

static void on_signal(int signo)
{
	(void)signo;
	stop = 1;
}

static void tell_problem(const char *text)
{
	fprintf(stderr, "orderly-sim: %s\n", text);
}

struct options {
	struct traffic_options traffic;
	struct odoo_serve_options odoo;
	const char *listen;
	bool repeats;
	int64_t from_s, seconds;
	char **words; /* what stands behind the command */
	int n_words;
};

/* ---- the commands -------------------------------------------------------------------------- */

static int run_setup(const struct options *options, struct err *err)
{
	return sim_setup(options->traffic.conninfo, err);
}

/* A day at a high rate would take an hour to lay down. */
static int run_history(const struct options *options, struct err *err)
{
	struct traffic_options traffic = options->traffic;
	struct writer_counts counts;
	int r;

	traffic.rate = traffic.rate < DEFAULT_RATE ? traffic.rate : DEFAULT_RATE;
	r = traffic_history(&traffic, &counts, err);
	if (r == 0)
		printf("%lld events taken, %lld known already, %lld rejected\n",
			(long long)counts.taken, (long long)counts.repeated,
			(long long)counts.rejected);
	return r;
}

static int run_run(const struct options *options, struct err *err)
{
	return traffic_run(&options->traffic, err);
}

static int run_catalogue(const struct options *options, struct err *err)
{
	CLEANUP(str_done)
	struct str out = STR_INIT(8 << 20);

	(void)options;
	(void)err;
	sim_catalogue(&out);
	puts(str_cstr(&out));
	return 0;
}

static void print_event(void *ctx, int64_t at_us, struct slice document)
{
	(void)ctx;
	(void)at_us;
	printf("%.*s\n", SLICE_ARG(document));
}

/* The events of a span of time as lines of JSON: to look at, and to hold against another run. */
static int run_print(const struct options *options, struct err *err)
{
	CLEANUP(faults_freep)
	struct faults *faults = faults_new(options->traffic.seed);
	const struct engine_options how = {.seed = options->traffic.seed,
		.rate = options->traffic.rate,
		.faults = faults,
		.emit = print_event};
	CLEANUP(engine_freep)
	struct engine *engine = engine_new(&how, options->from_s * S_US);

	(void)err;
	faults_by_chance(faults, options->traffic.chance);
	engine_run(engine, (options->from_s + options->seconds) * S_US);
	return 0;
}

static int change_faults(const struct options *options, bool begin, struct err *err)
{
	CLEANUP(faults_freep)
	struct faults *faults = faults_new(0);
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);
	struct problems problems = PROBLEMS_INIT;
	const struct clock clock = clock_real();
	int64_t now = clock_wall_us(&clock) / S_US * S_US;
	int r;

	if (!options->traffic.dir)
		return err_set(
			err, -EINVAL, "--dir is needed: the folder of the running simulator");
	str_addf(&path, "%s/faults", options->traffic.dir);
	r = faults_read(faults, str_cstr(&path), &problems, err);
	problems_done(&problems);
	for (int i = 0; i < options->n_words && r == 0; i++) {
		struct fault fault;

		r = fault_parse(slice_of(options->words[i]), &fault, err);
		fault.from_us = now;
		if (r == 0 && begin)
			faults_add(faults, &fault);
		else if (r == 0)
			faults_clear(faults, &fault, now);
	}
	if (r == 0 && !begin && options->n_words == 0)
		faults_clear(faults, NULL, now);
	return r < 0 ? r : faults_write(faults, str_cstr(&path), err);
}

static int run_fault(const struct options *options, struct err *err)
{
	return change_faults(options, true, err);
}

static int run_clear(const struct options *options, struct err *err)
{
	return change_faults(options, false, err);
}

static int run_odoo(const struct options *options, struct err *err)
{
	struct odoo_serve_options odoo = options->odoo;

	odoo.listen = options->listen ? options->listen : odoo.listen;
	odoo.odoo.seed = options->traffic.seed;
	odoo.dir = options->traffic.dir;
	odoo.rate = options->traffic.rate;
	odoo.faults = (const char *const *)options->words;
	odoo.n_faults = options->n_words;
	return odoo_serve(&odoo, err);
}

static int run_target(const struct options *options, struct err *err)
{
	const struct target_serve_options target = {
		.listen = options->listen ? options->listen : "127.0.0.1:8070",
		.repeats = options->repeats,
		.faults = (const char *const *)options->words,
		.n_faults = options->n_words,
	};

	return target_serve(&target, err);
}

static const struct command {
	const char *name, *words, *help;
	int (*run)(const struct options *options, struct err *err);
	bool store;
} commands[] = {
	{"setup", "", "make database, store, people and catalogue (as a superuser)", run_setup,
		true},
	{"history", "", "lay down the hours before now", run_history, true},
	{"run", "", "go on where the last run ended, and stay live", run_run, true},
	{"fault", "KIND:TARGET...", "let these begin in the simulator of --dir", run_fault, false},
	{"clear", "[KIND:TARGET...]", "end these, or all", run_clear, false},
	{"catalogue", "", "print the estate's catalogue as JSON", run_catalogue, false},
	{"odoo", "[FAULT]", "serve a simulated Odoo, with its data in memory", run_odoo, false},
	{"target", "[FAULT]", "serve a simulated target, with a ledger of what was posted",
		run_target, false},
	{"print", "", "print the events of --from and --seconds as lines of JSON", run_print,
		false},
};

/* ---- options ------------------------------------------------------------------------------- */

enum {
	OPT_CONNINFO = 1,
	OPT_DIR,
	OPT_RATE,
	OPT_SEED,
	OPT_HOURS,
	OPT_FROM,
	OPT_SECONDS,
	OPT_CALM,
	OPT_REPEATS,
	OPT_LISTEN,
	OPT_DATABASE,
	OPT_RELEASE,
	OPT_ORDERS,
	OPT_HELP
};

static const struct option long_options[] = {
	{"conninfo", required_argument, NULL, OPT_CONNINFO},
	{"dir", required_argument, NULL, OPT_DIR},
	{"rate", required_argument, NULL, OPT_RATE},
	{"seed", required_argument, NULL, OPT_SEED},
	{"hours", required_argument, NULL, OPT_HOURS},
	{"from", required_argument, NULL, OPT_FROM},
	{"seconds", required_argument, NULL, OPT_SECONDS},
	{"calm", no_argument, NULL, OPT_CALM},
	{"keep-apart", no_argument, NULL, OPT_REPEATS},
	{"listen", required_argument, NULL, OPT_LISTEN},
	{"database", required_argument, NULL, OPT_DATABASE},
	{"release", required_argument, NULL, OPT_RELEASE},
	{"orders", required_argument, NULL, OPT_ORDERS},
	{"help", no_argument, NULL, OPT_HELP},
	{0},
};

static int usage(FILE *to)
{
	fputs("usage: orderly-sim COMMAND [OPTION]...\n\n", to);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(to, "  %-10s %-18s %s\n", commands[i].name, commands[i].words,
			commands[i].help);
	fputs("\n  --conninfo TEXT   the store, in libpq's own words\n"
	      "  --dir FOLDER      of the files `faults` and `place`\n"
	      "  --rate N          transactions in a second, as a mean over a day (2)\n"
	      "  --seed N          the same seed gives the same events\n"
	      "  --hours N         of history (24)\n"
	      "  --from N, --seconds N   for print: since 1970, UTC\n"
	      "  --calm            no faults by chance\n"
	      "  --listen ADDRESS  for odoo (127.0.0.1:8069) and target (127.0.0.1:8070)\n"
	      "  --keep-apart      the target applies no Idempotency-Key twice\n"
	      "  --database NAME   of the simulated Odoo (hospital)\n"
	      "  --release N       18 JSON-RPC, 19 JSON-2 too, 22 JSON-2 alone (18)\n"
	      "  --orders N        in it at the start, and half as many partners (400)\n\n"
	      "Kinds of faults:",
		to);
	for (int kind = 0; kind < N_FAULTS; kind++)
		fprintf(to, " %s", fault_name((enum fault_kind)kind));
	fputs("\nFaults of odoo (KIND or KIND:TIMES; slow=MS): slow error html garbled timeout lock "
	      "serialization\ndenied timeout-after-commit close-after-commit; while it runs, "
	      "POST /sim/fault\nFaults of target, in the same way: slow=MS error html proxy redirect "
	      "throttle=S busy denied invalid\ntimeout close timeout-after-commit "
	      "close-after-commit cut-after-commit error-after-commit\n",
		to);
	return to == stdout ? 0 : 2;
}

static int take_number(const char *name, const char *text, int64_t min, int64_t max, int64_t *ret)
{
	if (slice_to_i64(slice_of(text), min, max, ret) == 0)
		return 0;
	fprintf(stderr, "orderly-sim: --%s %s: a number from %lld to %lld is meant\n", name, text,
		(long long)min, (long long)max);
	return -EINVAL;
}

static int take_option(struct options *options, int option)
{
	struct traffic_options *traffic = &options->traffic;
	int64_t n = 0;
	int r = 0;

	switch (option) {
	case OPT_CONNINFO:
		traffic->conninfo = optarg;
		break;
	case OPT_DIR:
		traffic->dir = optarg;
		break;
	case OPT_RATE:
		r = take_number("rate", optarg, 0, 100000, &n);
		traffic->rate = (double)n;
		break;
	case OPT_SEED:
		r = take_number("seed", optarg, 0, INT64_MAX, &n);
		traffic->seed = (uint64_t)n;
		break;
	case OPT_HOURS:
		r = take_number("hours", optarg, 1, 24 * 60, &n);
		traffic->hours = (int)n;
		break;
	case OPT_FROM:
		r = take_number("from", optarg, 0, INT64_C(4102444800), &options->from_s);
		break;
	case OPT_SECONDS:
		r = take_number("seconds", optarg, 1, 86400 * 31, &options->seconds);
		break;
	case OPT_CALM:
		traffic->chance = false;
		break;
	case OPT_REPEATS:
		options->repeats = true;
		break;
	case OPT_LISTEN:
		options->listen = optarg;
		break;
	case OPT_DATABASE:
		options->odoo.odoo.database = optarg;
		break;
	case OPT_RELEASE:
		r = take_number("release", optarg, 8, 22, &n);
		options->odoo.odoo.version = (int)n;
		break;
	case OPT_ORDERS:
		r = take_number("orders", optarg, 0, 200000, &n);
		options->odoo.odoo.orders = (int)n;
		options->odoo.odoo.partners = (int)n / 2;
		break;
	default:
		r = -EINVAL;
	}
	return r;
}

static int run_command(const struct command *command, struct options *options)
{
	struct err err = ERR_INIT;

	if (command->store && !options->traffic.conninfo) {
		fprintf(stderr, "orderly-sim %s: --conninfo is needed\n", command->name);
		return 2;
	}
	if (command->run(options, &err) == 0)
		return 0;
	if (err.code == -EINTR)
		return 0;
	fprintf(stderr, "orderly-sim %s: %s\n", command->name, err.text);
	return 1;
}

int main(int argc, char **argv)
{
	const struct sigaction action = {.sa_handler = on_signal};
	struct options options = {.traffic = {.seed = DEFAULT_SEED,
					  .rate = DEFAULT_RATE,
					  .hours = 24,
					  .connections = 2,
					  .chance = true,
					  .stop = &stop,
					  .problem = tell_problem},
		.odoo = {.listen = "127.0.0.1:8069",
			.odoo = {.database = "hospital",
				.version = 18,
				.partners = 200,
				.orders = 400}},
		.seconds = 60};
	int option;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option == OPT_HELP)
			return usage(stdout);
		if (take_option(&options, option) < 0)
			return 2;
	}
	if (optind >= argc)
		return usage(stderr);
	options.words = argv + optind + 1;
	options.n_words = argc - optind - 1;
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i].name, argv[optind]) == 0)
			return run_command(&commands[i], &options);
	fprintf(stderr, "orderly-sim: unknown command \"%s\"\n", argv[optind]);
	return usage(stderr);
}
