/* The posture of security: its sections, and access reviews decided one by one and by the number. */
#include "../lib/unit.h"
#include "../lib/viewbench.h"
#include "base/file.h"
#include "views/views.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ACTED "ok:bool\tmessage:text\tid:int\tn:int\tleft:int\trefused:text\n"
#define CREDENTIALS                                                                                                  \
	"key:text\tname:text\tkind:text\tstate:text\texpires_at:time\trotated_at:time\trotate_days:int\t"            \
	"rotate_by:time\ttitle:text\towner:text\tsystem:text\tused:text\tgoverned:bool\tseen_at:time\t"              \
	"seen_by:text\n"                                                                                             \
	"ghx\tghx\tapi_key\tended\t1773400000000000\t1763400000000000\t180\t1778952000000000\tExchange\tSupply IT\t" \
	"medx\tpo-* (po-out)\tt\t1773479990000000\thost:12\n"                                                        \
	"vpn\tvpn\tcertificate\tends\t1773800000000000\t\\N\t\\N\t\\N\tTunnel\tNet\t\\N\t\\N\tt\t\\N\t\\N\n"         \
	"stray\tstray\tfile\tunknown\t\\N\t1763400000000000\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\tf\t"                      \
	"1773479990000000\thost:12\n"
#define ACCESS                                                                                                   \
	"key:text\tlogin:text\tname:text\tstanding:text\troles:text\tconflict:text\tinterfaces:text\t"           \
	"facilities:text\tclasses:text\tlast_at:time\treviewed_at:time\tverdict:text\n"                          \
	"hugo\thugo\tHugo Marchetti\tactive\tadmin approver\tproposes changes and approves them\t*\t*\tpublic\t" \
	"1773470000000000\t\\N\t\\N\n"                                                                           \
	"ana.ruiz\tana.ruiz\tAna Ruiz\tactive\toperator\t\\N\t*\tH01\tpublic phi\t1773479000000000\t"            \
	"1763400000000000\tkept\n"
#define FAILURES                                                                                                 \
	"key:text\tsource:text\twhat:text\ttotal:int\tunresolved:int\tfirst_at:time\tlast_at:time\towner:text\n" \
	"po-out x\tpo-out\tclient certificate expired at #\t812\t31\t1773400000000000\t1773479000000000\tBen\n"
#define USES                                                                                       \
	"key:text\tlogin:text\tname:text\tacts:int\trefused:int\tlast_refusal:text\treveals:int\t" \
	"searches:int\texports:int\tlast_at:time\n"                                                \
	"ana.ruiz\tana.ruiz\tAna Ruiz\t412\t3\treplay_approve: role\t7\t12\t2\t1773479000000000\n"
#define REVIEWS                                                                                        \
	"id:int\tkey:text\tstate:text\tbegun_by:text\tbegun_at:time\tsigned_by:text\tsigned_at:time\t" \
	"logins:int\topen:int\trevoke:int\twords:text\tdigest:text\n"                                  \
	"4\t4\topen\tGreta Lund\t1773470000000000\t\\N\t\\N\t3\t2\t0\t\\N\t\\N\n"                      \
	"3\t3\tsigned\tGreta Lund\t1763470000000000\tOle Vik\t1763570000000000\t9\t0\t1\tautumn\tab12\n"
#define REVIEW                                                                                                      \
	"key:text\tlogin:text\tname:text\tmine:bool\troles:text\tinterfaces:text\tfacilities:text\t"                \
	"classes:text\tconflict:text\tstanding:text\tlast_at:time\tverdict:text\treason:text\t"                     \
	"decided_by:text\tdecided_at:time\n"                                                                        \
	"hugo\thugo\tHugo Marchetti\tf\tadmin approver\t*\t*\tpublic\tproposes changes and approves them\tactive\t" \
	"1773470000000000\topen\t\\N\t\\N\t\\N\n"                                                                   \
	"greta.lund\tgreta.lund\tGreta Lund\tt\tsecurity\t*\t*\tpublic\t\\N\tactive\t1773479000000000\topen\t"      \
	"\\N\t\\N\t\\N\n"                                                                                           \
	"ana.ruiz\tana.ruiz\tAna Ruiz\tf\toperator\t*\tH01\tpublic phi\t\\N\tactive\t1773479000000000\tkept\t"      \
	"as agreed\tGreta Lund\t1773479500000000\n"

static void script_all(struct script *script)
{
	static const char *const acts[] = {"review-begin", "review-decide", "review-sign"};

	script_answer(script, "posture-credentials", CREDENTIALS);
	script_answer(script, "posture-access", ACCESS);
	script_answer(script, "posture-failures", FAILURES);
	script_answer(script, "posture-uses", USES);
	script_answer(script, "posture-reviews", REVIEWS);
	script_answer(script, "posture-review", REVIEW);
	script_answer(script, "posture-export", "code:text\tmessage:text\ndone\tdone\n");
	for (size_t i = 0; i < ARRAY_LEN(acts); i++)
		script_answer(script, acts[i], ACTED "t\tdone\t4\t1\t0\t\\N\n");
}

static bool shows(struct viewbench *bench, const char *text)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	viewbench_dump(bench, (struct look){140, 40, 256, false, false}, &screen);
	return strstr(str_cstr(&screen), text) != NULL;
}

#define ASKED(question, i, want) assert_string_equal(script_param(bench.script, question, i), want)

static void they_look_as_they_should(void **state)
{
	static const struct {
		const char *keys, *name;
	} rows[] = {{"c", "posture-credentials"}, {"a", "posture-access"}, {"f", "posture-refused"},
		{"u", "posture-uses"}, {"v", "posture-reviews"}, {"<Enter>", "posture-review"}};
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_posture, script_all);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		viewbench_press(&bench, rows[i].keys);
		viewbench_settle(&bench);
		viewbench_golden(&bench, rows[i].name);
	}
	viewbench_close(&bench);
}

static void only_the_section_that_is_shown_is_asked_for(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_posture, script_all);
	assert_int_equal(script_asked(bench.script, "posture-access"), 0);
	viewbench_press(&bench, "a");
	viewbench_settle(&bench);
	assert_int_equal(script_asked(bench.script, "posture-access"), 1);
	viewbench_pass(&bench, 31 * S_US);
	assert_int_equal(script_asked(bench.script, "posture-credentials"), 1);
	assert_true(shows(&bench, "2 logins · 1 with a conflict"));
	viewbench_close(&bench);
}

static void who_is_not_security_reads_why(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_posture, script_all);
	script_fail(bench.script, "posture-credentials", -EPERM, "permission denied");
	viewbench_close(&bench);
	viewbench_open(&bench, &view_posture, script_all);
	script_fail(bench.script, "posture-access", -EPERM, "permission denied for function");
	viewbench_press(&bench, "a");
	viewbench_settle(&bench);
	assert_true(shows(&bench, "only the security role sees the posture"));
	viewbench_close(&bench);
}

static void a_review_is_decided_login_by_login(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_posture, script_all);
	viewbench_press(&bench, "K");
	assert_string_equal(str_cstr(&bench.said),
		"open a review first; its logins are decided about where they are read");
	viewbench_press(&bench, "B");
	viewbench_settle(&bench);
	assert_int_equal(script_asked(bench.script, "review-begin"), 1);
	ASKED("posture-review", 0, "4"); /* it is opened */
	viewbench_press(&bench, "X <Enter> <Enter>");
	assert_int_equal(script_asked(bench.script, "review-decide"), 0);
	viewbench_type(&bench, "one of the two is enough");
	viewbench_press(&bench, "<Enter> <Enter>");
	ASKED("review-decide", 0, "4");
	ASKED("review-decide", 1, "hugo");
	ASKED("review-decide", 2, "revoke_asked");
	ASKED("review-decide", 3, "one of the two is enough");
	viewbench_press(&bench, "j K");
	assert_string_equal(str_cstr(&bench.said), "nobody reviews their own access");
	viewbench_press(&bench, "* K <Enter>");
	viewbench_type(&bench, "3");
	viewbench_press(&bench, "<Enter> <Enter>");
	ASKED("review-decide", 2, "kept");
	assert_non_null(strstr(script_param(bench.script, "review-decide", 1), "\n"));
	viewbench_press(&bench, "A");
	viewbench_type(&bench, "spring");
	viewbench_press(&bench, "<Enter> <Enter>");
	ASKED("review-sign", 0, "4");
	ASKED("review-sign", 1, "spring");
	viewbench_press(&bench, "<Esc>");
	assert_true(shows(&bench, "2 access reviews"));
	viewbench_close(&bench);
}

static void a_section_is_written_to_a_file(void **state)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096), text = STR_INIT(1 << 20);
	struct viewbench bench;

	(void)state;
	str_addf(&path, "%s/posture.jsonl", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	viewbench_open(&bench, &view_posture, script_all);
	viewbench_press(&bench, "a > <Right> <Enter> <C-u>");
	viewbench_type(&bench, str_cstr(&path));
	viewbench_press(&bench, "<Enter> <Enter>");
	viewbench_settle(&bench);
	ASKED("posture-export", 0, "posture-access");
	ASKED("posture-export", 1, "jsonl");
	assert_int_equal(file_read(str_cstr(&path), &text, NULL), 0);
	assert_non_null(
		strstr(str_cstr(&text), "\"conflict\":\"proposes changes and approves them\""));
	(void)unlink(str_cstr(&path));
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_look_as_they_should),
		cmocka_unit_test(only_the_section_that_is_shown_is_asked_for),
		cmocka_unit_test(who_is_not_security_reads_why),
		cmocka_unit_test(a_review_is_decided_login_by_login),
		cmocka_unit_test(a_section_is_written_to_a_file),
	};

	return RUN(tests);
}
