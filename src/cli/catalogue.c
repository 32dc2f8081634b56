/* `orderly catalogue export|import`: the whole catalogue as a document that is kept beside other texts,
 * compared, and put in again; a dry run says what it would change.
 * What differs, what is wrong and who may is the store's to say.
 * Called by main. */
#include "cli/catalogue.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/pretty.h"
#include "session.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DOCUMENT_MAX (64 << 20)

struct request {
	struct where where;
	const char *file, *reason;
	bool dry_run;
	struct session *session;
};

struct command {
	const char *name, *help;
	int n_arguments;
	int (*run)(
		struct request *request, struct err *err); /* an exit status, or a negative code */
};

static int run_export(struct request *request, struct err *err);
static int run_import(struct request *request, struct err *err);

static const struct command commands[] = {
	{"export", "print the whole catalogue, as JSON", 0, run_export},
	{"import", "put a catalogue in, or a part of one, from FILE (-: standard input)", 1,
		run_import},
};

static void help(FILE *to)
{
	CLEANUP(str_done)
	struct str where = STR_INIT(4096);

	where_help(&where);
	fputs("usage: orderly catalogue export [OPTION]...\n"
	      "       orderly catalogue import FILE [--dry-run] [--reason TEXT] [OPTION]...\n\n",
		to);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(to, "  %-15s  %s\n", commands[i].name, commands[i].help);
	fprintf(to,
		"\n%s"
		"  --dry-run        say what would be changed, and what is wrong; change nothing\n"
		"  --reason TEXT    why; needed unless it is a dry run\n\n"
		"Into an empty store a catalogue goes at once. Into any other it is proposed, and another\n"
		"person approves it in the console. What the file does not name stays as it is.\n\n"
		"Exits with 0 when it is done or nothing differs, 1 when the file or the store fails, 2 when\n"
		"the command line is wrong, 3 when it is refused, 4 when a dry run found what would change.\n",
		str_cstr(&where));
}

/* ---- export ---- */

static bool is_refused(const struct rows *rows, struct err *err)
{
	struct slice message;

	if (rows_count(rows) && !slice_eq_str(rows_text(rows, 0, rows_col(rows, "code")), "done")) {
		CLEANUP(str_done)
		struct str text = STR_INIT(512);

		message = rows_text(rows, 0, rows_col(rows, "message"));
		text_add_inert(&text, message);
		err_set(err, -EPERM, "%s", str_cstr(&text));
		return true;
	}
	return false;
}

static int run_export(struct request *request, struct err *err)
{
	struct rows *rows = NULL;
	int r = session_ask(request->session, "catalogue-export", NULL, &rows, err);
	struct slice text;

	if (r < 0)
		return r;
	if (is_refused(rows, err)) {
		fprintf(stderr, "orderly catalogue export: %s\n", err->text);
		rows_unref(rows);
		return CATALOGUE_REFUSED;
	}
	text = rows_text(rows, 0, rows_col(rows, "catalogue"));
	fwrite(text.at, 1, text.len, stdout);
	fputc('\n', stdout);
	rows_unref(rows);
	if (fflush(stdout) != 0 || ferror(stdout))
		return err_errno(err, "standard output");
	return CATALOGUE_OK;
}

/* ---- import ---- */

static int read_all(int fd, struct str *out, struct err *err)
{
	char bytes[16384];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			str_add(out, (struct slice){bytes, (size_t)n});
	if (n < 0)
		return err_errno(err, "standard input");
	if (out->cut)
		return err_set(err, -EFBIG, "standard input: longer than %d bytes", DOCUMENT_MAX);
	return 0;
}

/* Where a file is broken is said with its line; the store only says that it is. */
static int check_json(const char *name, struct slice text, struct err *err)
{
	struct pretty pretty;
	int r = 0;

	if (memchr(text.at, '\0', text.len) || !utf8_valid(text))
		return err_set(err, -EINVAL, "%s: this is no text", name);
	pretty_open(&pretty, PRETTY_JSON, text);
	while (!pretty.err.code && pretty_more(&pretty, SIZE_MAX))
		;
	if (pretty.err.code)
		r = err_set(err, -EINVAL, "%s: %s", name, pretty.err.text);
	pretty_done(&pretty);
	return r;
}

static int read_document(const struct request *request, struct str *out, struct err *err)
{
	bool piped = strcmp(request->file, "-") == 0;
	int r = piped ? read_all(STDIN_FILENO, out, err) : file_read(request->file, out, err);

	if (r < 0)
		return r;
	if (!slice_trim(str_slice(out)).len)
		return err_set(err, -EINVAL, "%s: nothing in it", request->file);
	return check_json(piped ? "standard input" : request->file, str_slice(out), err);
}

static void print_lines(const struct rows *rows)
{
	CLEANUP(str_done)
	struct str line = STR_INIT(64 * 1024), object = STR_INIT(1024);

	for (size_t i = 0; i < rows_count(rows); i++) {
		struct slice mark = rows_text(rows, i, rows_col(rows, "mark"));
		struct slice name = rows_text(rows, i, rows_col(rows, "object"));

		if (!mark.len)
			continue;
		str_reset(&line);
		if (slice_eq_str(mark, "!") || !slice_eq(name, str_slice(&object))) {
			text_add_inert(&line, mark);
			str_addc(&line, ' ');
			text_add_inert(&line, name);
			str_addc(&line, slice_eq_str(mark, "!") ? ' ' : '\n');
			str_reset(&object);
			str_add(&object, name);
		}
		if (!slice_eq_str(mark, "!"))
			str_adds(&line, "    ");
		text_add_inert(&line, rows_text(rows, i, rows_col(rows, "what")));
		printf("%s\n", str_cstr(&line));
	}
}

static size_t count_of(const struct rows *rows, bool problems)
{
	size_t n = 0;

	for (size_t i = 0; i < rows_count(rows); i++) {
		struct slice mark = rows_text(rows, i, rows_col(rows, "mark"));
		bool new_object =
			i == 0 || !slice_eq(rows_text(rows, i, rows_col(rows, "object")),
					  rows_text(rows, i - 1, rows_col(rows, "object")));

		n += mark.len && (slice_eq_str(mark, "!") ? problems : !problems && new_object);
	}
	return n;
}

static int tell(const struct request *request, const struct rows *rows)
{
	size_t problems = count_of(rows, true), changed = count_of(rows, false);
	bool ok = rows_bool(rows, 0, rows_col(rows, "ok"));
	long long id = (long long)rows_int(rows, 0, rows_col(rows, "id"));
	CLEANUP(str_done)
	struct str message = STR_INIT(1024);

	print_lines(rows);
	if (ok && request->dry_run) {
		printf("%zu would be changed, %lld are the same, %zu wrong\n", changed,
			(long long)rows_int(rows, 0, rows_col(rows, "same")), problems);
		return problems ? CATALOGUE_REFUSED : changed ? CATALOGUE_DIFFERS : CATALOGUE_OK;
	}
	if (!ok) {
		fflush(stdout);
		text_add_inert(&message, rows_text(rows, 0, rows_col(rows, "message")));
		fprintf(stderr, "orderly catalogue import: refused: %s\n", str_cstr(&message));
		return CATALOGUE_REFUSED;
	}
	if (changed)
		printf("proposed as change %lld; another person decides it\n", id);
	else
		puts("put in");
	return CATALOGUE_OK;
}

static int run_import(struct request *request, struct err *err)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(DOCUMENT_MAX);
	const char *params[3] = {NULL, request->dry_run ? "true" : "false",
		request->dry_run ? "dry run" : request->reason};
	struct rows *rows = NULL;
	int r = read_document(request, &text, err);

	params[0] = str_cstr(&text);
	if (r == 0)
		r = session_ask(request->session, "catalogue-import", params, &rows, err);
	if (r < 0)
		return r;
	r = tell(request, rows);
	rows_unref(rows);
	return r;
}

/* ---- the command line ---- */

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* Negative when the command line is wrong, which was said then; 1 when only help was wanted. */
static int parse(int argc, char **argv, struct request *request)
{
	static const struct option options[] = {
		WHERE_OPTIONS,
		{"dry-run", no_argument, NULL, 'n'},
		{"reason", required_argument, NULL, 'r'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h') {
			help(stdout);
			return 1;
		}
		if (c == 'n')
			request->dry_run = true;
		else if (c == 'r')
			request->reason = optarg;
		else if (!where_take(&request->where, c, optarg))
			return -EINVAL;
	}
	return 0;
}

static int run(const struct command *command, struct request *request)
{
	struct err err = ERR_INIT;
	int r = where_find(&request->where, &err);

	if (r == 0)
		r = session_open(&request->where, &request->session, &err);
	if (r == 0)
		r = command->run(request, &err);
	session_close(request->session);
	if (r >= 0)
		return r;
	fprintf(stderr, "orderly catalogue %s: %s\n", command->name, err.text);
	return CATALOGUE_FAILED;
}

int cli_catalogue(int argc, char **argv)
{
	struct request request = {0};
	const struct command *command;
	int r = parse(argc, argv, &request);

	if (r == 0) {
		command = find_command(argv[optind]);
		if (command && argc == optind + 1 + command->n_arguments) {
			request.file = command->n_arguments ? argv[optind + 1] : NULL;
			r = run(command, &request);
		} else {
			help(stderr);
			r = CATALOGUE_USAGE;
		}
	} else {
		r = r < 0 ? CATALOGUE_USAGE : CATALOGUE_OK;
	}
	where_done(&request.where);
	return r;
}
