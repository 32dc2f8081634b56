/* What stands beside hostile text stands where it always does. That nothing of it acts, in any field
 * of any view, is tests/app/test_hostile_views.c's. */
#include "../lib/hostile.h"
#include "../lib/unit.h"
#include "../lib/viewbench.h"
#include "base/text.h"
#include "standing_rows.h"
#include "views/views.h"

#define COLUMNS OVERVIEW_HEAD
#define ROW                                                                                  \
	PLAIN("%s", "Orders", "Odoo", "GHX", "failing", "4", "12", "17", "1773469080000000", \
		"41.5", "1773480598000000", "ana.ruiz", "1", "1,2,3")

static const char *answer;

static void script_rows(struct script *script)
{
	script_answer(script, "systems-down", DOWN_HEAD);
	script_answer(script, "overview-waits", "asked:int\tdoubts:int\n0\t0\n");
	script_answer(script, "overview", answer);
}

static void columns_beside_hostile_text_stay_in_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hostile_valid); i++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(1 << 20), screen = STR_INIT(1 << 20);
		struct viewbench bench;
		struct slice rest, line;
		int at[3], n = 0;

		str_adds(&text, COLUMNS);
		str_addf(&text, ROW, "po-out");
		str_addf(&text, ROW, hostile_valid[i]);
		str_addf(&text, ROW, "po-in");
		answer = str_cstr(&text);
		viewbench_open(&bench, &view_overview, script_rows);
		viewbench_dump(&bench, (struct look){80, 24, 256, false, false}, &screen);
		rest = str_slice(&screen);
		while (n < 3 && slice_cut(&rest, '\n', &line)) {
			const char *state_at = memmem(line.at, line.len, "✗", 3);

			if (state_at)
				at[n++] =
					text_width(slice_head(line, (size_t)(state_at - line.at)));
		}
		assert_int_equal(n, 3);
		if (at[0] != at[1] || at[1] != at[2])
			fail_msg("\"%s\" moves what is beside it\n%s", hostile_valid[i],
				str_cstr(&screen));
		viewbench_close(&bench);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_beside_hostile_text_stay_in_place),
	};

	return RUN(tests);
}
