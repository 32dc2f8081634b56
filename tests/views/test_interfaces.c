/* The catalogue of interfaces, and the page of one. */
#include "../lib/unit.h"
#include "../lib/viewbench.h"
#include "views/views.h"
#include <errno.h>

#define LIST                                                                                \
	"interface:text\ttitle:text\tsource:text\ttarget:text\tstyle:text\ttiming:text\t"   \
	"tier:int\tdata_class:text\tlifecycle:text\towner:text\tteam:text\tcontract:text\t" \
	"slo:text\tversion:int\thidden:int\n"
#define GL                                                                                    \
	"gl-nightly\tJournal to the ledger\todoo\tsap\tbatch\tbatch\t2\tconfidential\tlive\t" \
	"li.wei\tfinance\tGL 3\tdeadline 100 % by 02:00:00\t4\t12\n"
#define LAB                                                                                      \
	"lab-in\tResults\tlab\tehr\thl7\treal-time\t1\tphi\tlive\tana.ruiz\tclinical\tORU 2.5\t" \
	"success 99.5 %, latency 95 % in 2000 ms\t2\t12\n"
#define OLD \
	"po-old\tOrders, the old way\todoo\tghx\tfile\tbatch\t3\tinternal\tretired\t\\N\t\\N\t\t\\N\t9\t12\n"

#define NOW "interface:text\tstate:text\nlab-in\tfailing\ngl-nightly\tok\n"

#define PROMISES                                                                                  \
	"measure:text\tobjective_ppm:int\tthreshold:int\twindow_s:int\tmin_count:int\tdue:text\t" \
	"severity:text\tnote:text\tbad:int\ttotal:int\tbudget:int\tvalue:int\tat:time\n"          \
	"success\t995000\t\\N\t2592000\t50\t\\N\tpage\t\\N\t523\t48000\t-1179166\t\\N\t\\N\n"     \
	"freshness\t990000\t1200\t2592000\t0\t\\N\tpage\t\\N\t\\N\t\\N\t\\N\t29\t\\N\n"

#define PAGE                                                                                         \
	"interface:text\ttitle:text\tlifecycle:text\ttwin:text\tsource:text\tsource_title:text\t"    \
	"source_vendor:text\tsource_escalation:text\ttarget:text\ttarget_title:text\t"               \
	"target_vendor:text\ttarget_escalation:text\tbusiness_owner:text\ttechnical_owner:text\t"    \
	"team:text\trunbook:text\tstyle:text\ttiming:text\ttiming_why:text\ttier:int\tentity:text\t" \
	"system_of_record:text\tcontract:text\tdata_class:text\tsuccess:text\tordering_key:text\t"   \
	"idempotency:text\tcadence_s:int\tbatch_due:text\tretry:text\treplay_policy:text\t"          \
	"replay_limit:int\temergency_limit:int\tquarantine_after:int\trate_per_s:text\t"             \
	"endpoint:text\tmaintenance:text\tsilenced_until:time\tnote:text\tversion:int\n"
#define LAB_PAGE                                                                                       \
	"lab-in\tResults\tlive\t\\N\tlab\tLaboratory\tLabora, help@labora.example\t+49 30 1234\tehr\t" \
	"Care Trail\t\t\\N\th.okoye\tana.ruiz\tclinical\thttps://wiki.example/lab-in\thl7\t"           \
	"real-time\ton the ward they wait for it\t1\tlab result\tlab\tORU 2.5\tphi\tacknowledged\t"    \
	"patient\tnatural\t900\t\t{\"attempts\": 5}\tone\t100\t0\t3\t5\thttps://ehr.example/hl7\t"     \
	"\\N\t\\N\t\\N\t2\n"
#define VERSIONS                                                                                   \
	"object:text\tversion:int\tat:time\twhat:text\treason:text\tproposer:text\tdecider:text\n" \
	"lab-in\t2\t1773470000000000\trate_per_s: - > 5\tthe ward was flooded\tAna Ruiz\tLi Wei\n" \
	"lab-in\t1\t1763470000000000\tas it was first put in\t\\N\t\\N\t\\N\n"
#define DEATHS                                                                                     \
	"transaction:int\tat:time\tfacility:text\tbusiness_key:text\tmessage:text\tattempts:int\t" \
	"class:text\ttext:text\tletter:text\n"
#define TWO                                                                            \
	"41\t1773480000000000\tH01\tORD-2\tm-9\t3\tmapping\tward 8841 unknown\topen\n" \
	"40\t1773470000000000\tH02\tORD-1\tm-8\t1\tschema\tPID-3 is empty\tresolved\n"

#define STEPS "step:text\tdone:int\tfailed:int\tundone:int\tusual_ms:int\tslow_ms:int\n"
#define TWO_STEPS "reserve bed\t480\t3\t12\t35\t210\nbook theatre\t465\t15\t0\t1200\t8000\n"
#define DELIVERIES                                                                                \
	"transactions:int\tsince:time\tat_once:int\tafter_retries:int\tunder_way:int\tdead:int\t" \
	"retries:int\trefused_signatures:int\tanswers:text\tacknowledged:int\tack_usual_ms:int\t" \
	"ack_slow_ms:int\n"
#define DELIVERED \
	"500\t1773470000000000\t441\t38\t4\t17\t1204\t9\t200: 479, 401: 9\t479\t850\t4200\n"

#define RUNS                                                                                              \
	"key:text\tinterface:text\tstate:text\tdue_at:time\tstarted_at:time\tended_at:time\tlate_s:int\t" \
	"records_in:int\trecords_out:int\ttransaction:int\tbusiness_key:text\towner:text\tclass:text\t"   \
	"text:text\n"
#define LATE_RUN                                                                                            \
	"x\tlab-in\tdone\t1773453600000000\t1773453700000000\t1773456000000000\t2400\t1200\t1198\t7\t\\N\t" \
	"\\N\t\\N\t\\N\n"

static void script_list(struct script *script)
{
	script_answer(script, "interfaces", LIST GL LAB OLD);
	script_answer(script, "overview", NOW);
}

static void script_page(struct script *script)
{
	script_answer(script, "interface", PAGE LAB_PAGE);
	script_answer(script, "objectives", PROMISES);
	script_answer(script, "interface-versions", VERSIONS);
	script_answer(script, "interface-failures", DEATHS TWO);
	script_answer(script, "interface-steps", STEPS TWO_STEPS);
	script_answer(script, "interface-deliveries", DELIVERIES DELIVERED);
	script_answer(script, "batches", RUNS);
}

static void open_page(struct viewbench *bench)
{
	viewbench_open(bench, &view_interface, script_page);
	bench->view->ops->aim(bench->view, SLICE("lab-in"));
	viewbench_settle(bench);
}

static void expect(struct viewbench *bench, const char *what, bool shown)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	viewbench_dump(bench, (struct look){120, 90, 256, false, false}, &screen);
	if ((strstr(str_cstr(&screen), what) != NULL) != shown)
		fail_msg("\"%s\" is %s\n%s", what, shown ? "missing" : "shown", str_cstr(&screen));
}

static void they_look_as_they_should(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_interfaces, script_list);
	viewbench_golden(&bench, "interfaces");
	viewbench_close(&bench);
	open_page(&bench);
	viewbench_golden(&bench, "interface");
	viewbench_press(&bench, "<Tab> j");
	viewbench_golden(&bench, "interface-deaths");
	viewbench_close(&bench);
}

static void enter_leads_on(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_interfaces, script_list);
	viewbench_press(&bench, "j <Enter>");
	assert_string_equal(str_cstr(&bench.went), "interface lab-in");
	viewbench_close(&bench);
	open_page(&bench);
	viewbench_press(&bench, "<Enter> j <Enter>");
	assert_string_equal(str_cstr(&bench.went), "transaction 40");
	viewbench_press(&bench, "t");
	assert_string_equal(str_cstr(&bench.went), "find if:lab-in");
	viewbench_press(&bench, "d");
	assert_string_equal(str_cstr(&bench.went), "find if:lab-in state:dead");
	viewbench_close(&bench);
}

static void the_runs_of_a_batch_stand_on_its_page(void **state)
{
	struct viewbench bench;

	(void)state;
	open_page(&bench);
	expect(&bench, "Batch: due", false);
	script_answer(bench.script, "batches", RUNS LATE_RUN);
	viewbench_pass(&bench, 31 * S_US);
	assert_string_equal(script_param(bench.script, "batches", 0), "lab-in");
	expect(&bench,
		"done              due 2026-03-14 02:00, started 2026-03-14 02:01, 1,200 in, 1,198 out, late by 40m",
		true);
	viewbench_close(&bench);
}

static void the_cursor_follows_its_interface(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_interfaces, script_list);
	viewbench_press(&bench, "j");
	script_answer(bench.script, "interfaces", LIST LAB OLD);
	viewbench_press(&bench, "R <Enter>");
	assert_string_equal(str_cstr(&bench.went), "interface lab-in");
	viewbench_close(&bench);
}

static void a_page_is_of_what_it_was_aimed_at(void **state)
{
	struct viewbench bench;
	size_t asked;

	(void)state;
	viewbench_open(&bench, &view_interface, NULL);
	expect(&bench, "no interface was opened yet", true);
	script_page(bench.script);
	bench.view->ops->aim(bench.view, SLICE("lab-in"));
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "interface-failures", 0), "lab-in");
	expect(&bench, "proposed by Ana Ruiz, approved by Li Wei", true);
	script_answer(bench.script, "interface", PAGE);
	bench.view->ops->aim(bench.view, SLICE("other"));
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "interface", 0), "other");
	expect(&bench, "there is no such interface", true);
	script_fail(bench.script, "interface", -EPERM, "permission denied");
	bench.view->ops->aim(bench.view, SLICE("third"));
	viewbench_settle(&bench);
	expect(&bench, "permission denied", true);
	bench.view->ops->show(bench.view, false);
	asked = script_asked(bench.script, "interface");
	viewbench_pass(&bench, 100 * S_US);
	assert_int_equal(script_asked(bench.script, "interface"), asked);
	viewbench_close(&bench);
}

static void a_search_looks_where_one_is(void **state)
{
	struct viewbench bench;
	struct match *match;

	(void)state;
	open_page(&bench);
	expect(&bench, "flooded", true);
	assert_int_equal(match_new(SLICE("flooded"), &match, NULL), 0);
	assert_int_equal(bench.view->ops->search(bench.view, match, true), 1);
	viewbench_press(&bench, "<Tab>");
	assert_int_equal(bench.view->ops->search(bench.view, match, true), 0);
	viewbench_close(&bench);
	match_free(match);
	assert_int_equal(match_new(SLICE("PID-3"), &match, NULL), 0);
	open_page(&bench);
	viewbench_press(&bench, "<Tab>");
	assert_int_equal(bench.view->ops->search(bench.view, match, true), 1);
	viewbench_close(&bench);
	match_free(match);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_look_as_they_should),
		cmocka_unit_test(enter_leads_on),
		cmocka_unit_test(the_runs_of_a_batch_stand_on_its_page),
		cmocka_unit_test(the_cursor_follows_its_interface),
		cmocka_unit_test(a_page_is_of_what_it_was_aimed_at),
		cmocka_unit_test(a_search_looks_where_one_is),
	};

	return RUN(tests);
}
