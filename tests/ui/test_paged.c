/* Lists of any length: every row is reached, in order, in both directions, and little is held. */
#include "../lib/unit.h"
#include "ui/paged.h"

/* A source of numbers 0 .. n - 1, as the store would give them. */
struct numbers {
	struct source source;
	struct loop *loop;
	int64_t n;
	struct ask ask;
	int64_t from;
	bool before, pending;
	size_t asked;
};

static const struct column columns[] = {{"place", COLUMN_TEXT}, {"number", COLUMN_INT}};

static void answer(void *ctx)
{
	struct numbers *me = ctx;
	struct rows_builder *builder = rows_builder_new(columns, ARRAY_LEN(columns));
	int64_t first = me->before ? me->from - PAGED_PAGE : me->from + 1;
	int64_t last = me->before ? me->from - 1 : me->from + PAGED_PAGE;
	struct reply reply = {.kind = REPLY_DONE};
	struct rows *rows;

	for (int64_t i = first < 0 ? 0 : first; i <= last && i < me->n; i++) {
		CLEANUP(str_done)
		struct str place = STR_INIT(32);

		str_addf(&place, "%lld", (long long)i);
		rows_add_text(builder, str_slice(&place));
		rows_add_int(builder, i);
	}
	rows = rows_finish(builder);
	reply.rows = rows;
	me->pending = false;
	me->ask.reply(me->ask.ctx, &reply);
	rows_unref(rows);
}

static uint64_t on_ask(struct source *source, const struct ask *ask)
{
	struct numbers *me = (struct numbers *)source;

	assert_false(me->pending);
	assert_string_equal(ask->params[0], "mine");
	assert_string_equal(ask->params[3], "200");
	me->ask = *ask;
	me->from = ask->params[1] ? strtoll(ask->params[1], NULL, 10) : -1;
	me->before = strcmp(ask->params[2], "before") == 0;
	me->pending = true;
	me->asked++;
	loop_defer(me->loop, answer, me);
	return 1;
}

static void on_drop(struct source *source, uint64_t ticket)
{
	struct numbers *me = (struct numbers *)source;

	(void)ticket;
	if (me->pending)
		loop_undefer(me->loop, answer, me);
	me->pending = false;
}

static const struct source_ops ops = {.ask = on_ask, .cancel = on_drop, .drop = on_drop};

struct fixture {
	struct clock clock;
	struct loop *loop;
	struct numbers numbers;
	struct view_env env;
	struct paged paged;
	struct table table;
};

static void on_changed(void *ctx)
{
	(void)ctx;
}

static void settle(struct fixture *f)
{
	for (int i = 0; i < 4; i++) {
		loop_turn(f->loop, 0);
		table_layout(
			&f->table, f->paged.rows.first, (size_t)batches_count(&f->paged.rows), 20);
		paged_follow(&f->paged, &f->table);
	}
	assert_true(batches_count(&f->paged.rows) <= PAGED_HELD + PAGED_PAGE);
}

static void open_on(struct fixture *f, int64_t n)
{
	static const char *const params[] = {"mine"};

	*f = (struct fixture){.clock = clock_standing(0)};
	assert_int_equal(loop_new(&f->clock, &f->loop, NULL), 0);
	f->numbers = (struct numbers){.source.ops = &ops, .loop = f->loop, .n = n};
	f->env = (struct view_env){
		.source = &f->numbers.source, .loop = f->loop, .changed = on_changed};
	f->paged = (struct paged){
		.env = &f->env, .question = "numbers", .params = params, .n_params = 1};
	paged_restart(&f->paged);
	settle(f);
}

static void close_it(struct fixture *f)
{
	paged_done(&f->paged);
	table_done(&f->table);
	loop_free(f->loop);
}

static int64_t under_cursor(struct fixture *f)
{
	size_t row;
	const struct rows *rows = batches_at(&f->paged.rows, f->table.cursor, &row);

	return rows_int(rows, row, 1);
}

static void every_row_is_reached_down_and_up(void **state)
{
	struct fixture f;

	(void)state;
	open_on(&f, 10001);
	for (int64_t i = 0; i < 10001; i++) {
		assert_int_equal(under_cursor(&f), i);
		table_act(&f.table, NULL, ACTION_MOVE_DOWN);
		settle(&f);
	}
	assert_true(f.paged.ends);
	assert_false(f.paged.begins);
	for (int64_t i = 10000; i >= 0; i--) {
		assert_int_equal(under_cursor(&f), i);
		table_act(&f.table, NULL, ACTION_MOVE_UP);
		settle(&f);
	}
	assert_true(f.paged.begins);
	assert_false(f.paged.ends);
	close_it(&f);
}

static void a_short_list_is_asked_for_once(void **state)
{
	static const int64_t lengths[] = {0, 1, 199};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		CLEANUP(str_done)
		struct str count = STR_INIT(32), want = STR_INIT(32);
		struct fixture f;

		open_on(&f, lengths[i]);
		table_act(&f.table, NULL, ACTION_MOVE_BOTTOM);
		settle(&f);
		assert_int_equal(f.numbers.asked, 1);
		assert_true(f.paged.begins && f.paged.ends);
		paged_count(&f.paged, &count);
		str_addf(&want, "%lld", (long long)lengths[i]);
		assert_string_equal(str_cstr(&count), str_cstr(&want));
		close_it(&f);
	}
}

static void a_list_that_may_go_on_says_so(void **state)
{
	CLEANUP(str_done)
	struct str count = STR_INIT(32);
	struct fixture f;

	(void)state;
	open_on(&f, 1000000);
	paged_count(&f.paged, &count);
	assert_string_equal(str_cstr(&count), "200+");
	close_it(&f);
}

static void walks_at_random_stay_in_order(void **state)
{
	static const enum action acts[] = {ACTION_MOVE_DOWN, ACTION_MOVE_UP, ACTION_PAGE_DOWN,
		ACTION_PAGE_UP, ACTION_MOVE_TOP, ACTION_MOVE_BOTTOM};
	struct random random = {.state = 3};
	struct fixture f;

	(void)state;
	open_on(&f, 5000);
	for (int i = 0; i < 5000; i++) {
		size_t row;

		table_act(&f.table, NULL, acts[random_below(&random, ARRAY_LEN(acts))]);
		settle(&f);
		for (int64_t k = f.paged.rows.first + 1; k < f.paged.rows.next; k += 97) {
			const struct rows *rows = batches_at(&f.paged.rows, k - 1, &row);
			int64_t before = rows_int(rows, row, 1);

			rows = batches_at(&f.paged.rows, k, &row);
			assert_int_equal(rows_int(rows, row, 1), before + 1);
		}
	}
	close_it(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_reached_down_and_up),
		cmocka_unit_test(a_short_list_is_asked_for_once),
		cmocka_unit_test(a_list_that_may_go_on_says_so),
		cmocka_unit_test(walks_at_random_stay_in_order),
	};

	return RUN(tests);
}
