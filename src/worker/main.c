/* orderlyd's command line, its log and its signals.
 * The work is worker.c's.
 * Called by the system. */
#include "base/mem.h"
#include "base/str.h"
#include "config.h"
#include "metrics.h"
#include "model/profile_file.h"
#include "news.h"
#include "notify.h"
#include "odoo/profile.h"
#include "relay/relay.h"
#include "status.h"
#include "store/migrate.h"
#include "worker/worker.h"
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct program {
	struct clock clock;
	struct loop *loop;
	struct jsonl *jsonl;
	struct worker *worker;
	struct relay *relay;
	bool worker_drained, relay_drained;
	struct status *http;
	const char *secrets, *ca_file, *proxy, *listen;
	bool ready;
	int64_t flying;
	bool no_relay;
	const char *conninfo, *profile, *config, *name, *log_path, *signals;
	struct callees callees;
	enum log_level level;
	struct profiles *profiles;
	struct problems problems;
	struct secret_source password;
	struct odoo_named odoos[ODOO_MOST]; /* the profile's */
	size_t n_odoos;
	struct odoo_named odoo_given; /* on the command line */
	int status;
};

enum {
	EXIT_USAGE = 2,
};

static const char usage[] =
	"usage: orderlyd [OPTION]...\n\n"
	"  --profile NAME     a profile of orderly.conf; else the one it begins with\n"
	"  --config FILE      another orderly.conf\n"
	"  --conninfo TEXT    the store, in libpq's own words, instead of a profile\n"
	"  --name NAME        in the store's list of workers (HOST:PID)\n"
	"  --log FILE         JSON lines; else standard error. SIGHUP opens it anew\n"
	"  --log-level LEVEL  debug, info, warn, error\n"
	"  --secrets FOLDER   with a file for each secret that an endpoint names (mode 0600)\n"
	"  --ca-file FILE     authorities that vouch for targets, in PEM; else the system's\n"
	"  --proxy URL        through which targets are reached\n"
	"  --flying N         replays at once on their way to one target (8)\n"
	"  --odoo-url URL, --odoo-db NAME, --odoo-login NAME, --odoo-key-file FILE\n"
	"                     the only Odoo that is asked, instead of the profile's\n"
	"  --signals FILE     who is told of signals, and of the heartbeat\n"
	"  --listen ADDRESS   /healthz and /metrics on a loopback address, such as 127.0.0.1:9464\n"
	"  --no-relay         duties alone: replays are for others\n"
	"  --help, --version\n\n"
	"SIGTERM and SIGINT finish what is under way and end; a second one ends at once.\n";

static void on_worker_drained(void *ctx)
{
	struct program *program = ctx;

	program->worker_drained = true;
	if (program->relay_drained)
		loop_stop(program->loop);
}

static void on_relay_drained(void *ctx)
{
	struct program *program = ctx;

	program->relay_drained = true;
	if (program->worker_drained)
		loop_stop(program->loop);
}

static void on_store(void *ctx, bool up)
{
	struct program *program = ctx;

	if (up && !program->ready)
		notify("READY=1\nSTATUS=at work");
	else if (program->ready && !program->status)
		notify(up ? "STATUS=at work" : "STATUS=the store does not answer");
	program->ready = program->ready || up;
}

static bool health(void *ctx, struct str *out)
{
	struct program *program = ctx;

	return metrics_health(program->worker, program->relay, out);
}

static void metrics(void *ctx, struct str *out)
{
	struct program *program = ctx;

	metrics_write(program->worker, program->relay, out);
}

static void on_news(void *ctx, const struct relay_news *news)
{
	struct program *program = ctx;

	news_write(program->jsonl, news);
}

static void on_stop(void *ctx, int signo)
{
	struct program *program = ctx;

	/* The second one: what is under way is taken back by the store. */
	if (program->status) {
		loop_stop(program->loop);
		return;
	}
	program->status = 128 + signo;
	notify("STOPPING=1\nSTATUS=finishing what is under way");
	worker_drain(program->worker);
	if (program->relay)
		relay_drain(program->relay);
}

static void on_hangup(void *ctx, int signo)
{
	struct program *program = ctx;
	struct err err = ERR_INIT;

	(void)signo;
	if (jsonl_reopen(program->jsonl, &err) == 0)
		return;
	jsonl_begin(program->jsonl, LOG_ERROR, "log not opened anew");
	jsonl_text(program->jsonl, "error", err.text);
	jsonl_end(program->jsonl);
}

static int take_option(struct program *program, int c)
{
	struct err err = ERR_INIT;

	switch (c) {
	case 'c':
		program->conninfo = optarg;
		return 0;
	case 'p':
		program->profile = optarg;
		return 0;
	case 'f':
		program->config = optarg;
		return 0;
	case 'n':
		program->name = optarg;
		return 0;
	case 'l':
		program->log_path = optarg;
		return 0;
	case 's':
		program->secrets = optarg;
		return 0;
	case 'a':
		program->ca_file = optarg;
		return 0;
	case 'U':
		program->odoo_given.client.url = optarg;
		return 0;
	case 'D':
		program->odoo_given.client.database = optarg;
		return 0;
	case 'L':
		program->odoo_given.client.login = optarg;
		return 0;
	case 'K':
		program->odoo_given.client.secret.file = optarg;
		return 0;
	case 'x':
		program->proxy = optarg;
		return 0;
	case 'i':
		program->listen = optarg;
		return 0;
	case 'g':
		program->signals = optarg;
		return 0;
	case 'r':
		program->no_relay = true;
		return 0;
	case 'w':
		if (slice_to_i64(slice_of(optarg), 1, 256, &program->flying) == 0)
			return 0;
		fprintf(stderr, "orderlyd: --flying: a number from 1 to 256 is meant\n");
		return -EINVAL;
	case 'v':
		if (log_level_parse(slice_of(optarg), &program->level, &err) == 0)
			return 0;
		fprintf(stderr, "orderlyd: --log-level: %s\n", err.text);
		return -EINVAL;
	default:
		return -EINVAL;
	}
}

/* 1 when only a word was wanted. */
static int parse(int argc, char **argv, struct program *program)
{
	static const struct option options[] = {
		{"conninfo", required_argument, NULL, 'c'},
		{"profile", required_argument, NULL, 'p'},
		{"config", required_argument, NULL, 'f'},
		{"name", required_argument, NULL, 'n'},
		{"log", required_argument, NULL, 'l'},
		{"log-level", required_argument, NULL, 'v'},
		{"secrets", required_argument, NULL, 's'},
		{"ca-file", required_argument, NULL, 'a'},
		{"proxy", required_argument, NULL, 'x'},
		{"flying", required_argument, NULL, 'w'},
		{"listen", required_argument, NULL, 'i'},
		{"signals", required_argument, NULL, 'g'},
		{"no-relay", no_argument, NULL, 'r'},
		{"odoo-url", required_argument, NULL, 'U'},
		{"odoo-db", required_argument, NULL, 'D'},
		{"odoo-login", required_argument, NULL, 'L'},
		{"odoo-key-file", required_argument, NULL, 'K'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{0},
	};
	int c, r = 0;

	while (r == 0 && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h' || c == 'V') {
			fputs(c == 'h' ? usage : PACKAGE_STRING "\n", stdout);
			return 1;
		}
		r = take_option(program, c);
	}
	if (r == 0 && optind < argc) {
		fprintf(stderr, "orderlyd: what is \"%s\"? orderlyd --help lists the options\n",
			argv[optind]);
		r = -EINVAL;
	}
	return r;
}

/* What the command line left open is taken from the profile. */
static int read_profile(struct program *program, struct err *err)
{
	const struct profile *profile = NULL;
	int r;

	program->profiles = profiles_new();
	program->odoo_given.ca_file = program->ca_file;
	if (program->conninfo && !program->profile)
		return 0;
	r = profiles_load(program->profiles, program->config, &program->problems, err);
	if (r == 0)
		r = profiles_find(program->profiles, program->profile, &profile, err);
	if (r < 0)
		return r;
	program->n_odoos = odoos_of_profile(profile, program->odoos);
	for (size_t i = 0; program->ca_file && i < program->n_odoos; i++)
		program->odoos[i].ca_file = program->ca_file;
	if (!program->ca_file && *profile_text(profile, SETTING_CA_FILE))
		program->odoo_given.ca_file = profile_text(profile, SETTING_CA_FILE);
	if (program->conninfo)
		return 0;
	program->conninfo = profile_text(profile, SETTING_STORE);
	program->password = profile_password(profile);
	return 0;
}

static void tell_problems(struct program *program)
{
	for (size_t i = 0; i < program->problems.n; i++) {
		jsonl_begin(program->jsonl, LOG_WARN, "config");
		jsonl_text(program->jsonl, "error", program->problems.texts[i]);
		jsonl_end(program->jsonl);
	}
}

static int set_up(struct program *program, struct err *err)
{
	static const int stops[] = {SIGTERM, SIGINT};
	int r = jsonl_open(&program->clock, program->log_path, &program->jsonl, err);

	if (r == 0)
		r = loop_new(&program->clock, &program->loop, err);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(stops); i++)
		r = loop_signal(program->loop, stops[i], on_stop, program, err);
	if (r == 0)
		r = loop_signal(program->loop, SIGHUP, on_hangup, program, err);
	if (r == 0 && program->listen)
		r = status_open(program->loop, program->listen,
			&(struct status_source){health, metrics, program}, &program->http, err);
	if (r == 0)
		jsonl_set_level(program->jsonl, program->level);
	return r;
}

static char *default_name(void)
{
	struct str name = STR_INIT(512);
	char host[256] = "";

	(void)gethostname(host, sizeof(host) - 1);
	str_addf(&name, "%s:%d", *host ? host : "host", (int)getpid());
	return name.at;
}

static int newest_store(void)
{
	size_t n;
	const struct migration *migrations = migration_all(&n);

	return n ? migrations[n - 1].number : 0;
}

static void open_relay(struct program *program, const char *name)
{
	const struct relay_options options = {
		.conninfo = program->conninfo,
		.password = program->password,
		.name = name,
		.secrets = program->secrets,
		.ca_file = program->ca_file,
		.proxy = program->proxy,
		.flying = (int)program->flying,
		.newest_store = newest_store(),
		.news = on_news,
		.drained = on_relay_drained,
		.ctx = program,
	};

	program->relay_drained = program->no_relay;
	if (!program->no_relay)
		program->relay = relay_open(program->loop, &options);
}

static void work(struct program *program)
{
	CLEANUP(mem_freep)
	char *own_name = default_name();
	const struct worker_options options = {
		.conninfo = program->conninfo,
		.password = program->password,
		.odoos = program->odoo_given.client.url ? &program->odoo_given : program->odoos,
		.n_odoos = program->odoo_given.client.url ? 1 : program->n_odoos,
		.secrets = program->secrets,
		.callees = program->signals ? &program->callees : NULL,
		.ca_file = program->ca_file,
		.name = program->name ? program->name : own_name,
		.version = PACKAGE_VERSION,
		.newest_store = newest_store(),
		.store = on_store,
		.drained = on_worker_drained,
		.ctx = program,
	};

	jsonl_begin(program->jsonl, LOG_INFO, "start");
	jsonl_text(program->jsonl, "name", options.name);
	jsonl_text(program->jsonl, "version", options.version);
	jsonl_int(program->jsonl, "pid", getpid());
	jsonl_end(program->jsonl);
	tell_problems(program);
	program->worker = worker_open(program->loop, program->jsonl, &options);
	open_relay(program, options.name);
	if (program->http) {
		jsonl_begin(program->jsonl, LOG_INFO, "listening");
		jsonl_int(program->jsonl, "port", status_port(program->http));
		jsonl_end(program->jsonl);
	}
	loop_run(program->loop);
	status_close(program->http);
	program->http = NULL;
	relay_close(program->relay);
	worker_close(program->worker);
	jsonl_begin(program->jsonl, LOG_INFO, "end");
	jsonl_end(program->jsonl);
}

int main(int argc, char **argv)
{
	struct program program = {.clock = clock_real(), .level = LOG_INFO};
	struct err err = ERR_INIT;
	int r = parse(argc, argv, &program);

	if (r != 0)
		return r < 0 ? EXIT_USAGE : EXIT_SUCCESS;
	r = read_profile(&program, &err);
	if (r == 0 && program.signals)
		r = callees_load(&program.callees, program.signals, &program.problems, &err);
	if (r == 0)
		r = set_up(&program, &err);
	if (r < 0)
		fprintf(stderr, "orderlyd: %s\n", err.text);
	else
		work(&program);
	status_close(program.http);
	loop_free(program.loop);
	jsonl_close(program.jsonl);
	profiles_free(program.profiles);
	problems_done(&program.problems);
	callees_done(&program.callees);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
