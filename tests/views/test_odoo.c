/* The view of Odoo, a record of it, and its record beside the payload of a transaction. */
#include "../lib/unit.h"
#include "base/str.h"
#include "viewbench.h"
#include "views/views.h"
#include <errno.h>

#define HEALTH                                                                                              \
	"system:text\tserver:text\tworker:text\tat:time\tok:bool\tclass:text\tmessage:text\tversion:text\t" \
	"protocol:text\tlatency_ms:real\tclock_ahead_ms:int\tkey_name:text\tkey_made:time\t"                \
	"key_expires:time\tkey_only:bool\tcrons:int\tcrons_failing:int\tfailing:text\tdown_since:time\ttrend:text\n"
#define WELL                                                                                          \
	"odoo\thttps://odoo.example hospital\tora:17\t1773480590000000\tt\tok\t\\N\t18.0\tJSON-RPC\t" \
	"11.4\t300\tintegration\t1770000000000000\t1774000000000000\tf\t8\t2\t"                       \
	"EDI: import, Bank: fetch\t\\N\t9,10,11,40,12,11,10,9,9,10,12,11\n"
#define DOWN                                                                                  \
	"odoo-fin\thttps://odoo.example finance\tora:17\t1773480300000000\tf\tunreachable\t"  \
	"connection refused\t18.0\tJSON-RPC\t\\N\t-5000\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t" \
	"1773477000000000\t0,0,0\n"
#define TOUCHED                                                         \
	"model:text\tinterfaces:text\tkeys:text\tn:int\n"               \
	"purchase.order\tpo-out req-in\texternal id + partner_ref\t2\n" \
	"stock.quant\tgr-in\tname\t1\n"
#define MODELS "model:text\tname:text\npurchase.order\tPurchase Order\n"
#define CRONS                                                                                      \
	"name:text\tevery:int\tunit:text\tnext_at:time\tlast_at:time\tfailures:int\tactive:bool\t" \
	"user:text\n"                                                                              \
	"EDI: import\t15\tminutes\t1773480900000000\t1773480000000000\t3\tt\tOdooBot\n"            \
	"Bank: fetch\t6\thours\t1773470000000000\t\\N\t0\tt\tOdooBot\n"                            \
	"Vacuum\t1\tdays\t1773500000000000\t\\N\t0\tf\tOdooBot\n"
#define HOOKS                                                                       \
	"interface:text\tway:text\turl:text\tdelivered:int\tdead:int\tnewest:int\t" \
	"signatures:int\tacknowledged:int\tack_usual_ms:int\tack_slow_ms:int\n"     \
	"shop-hook\tshop > odoo\thttps://h/x\t1204\t3\t200\t7\t0\t\\N\t\\N\n"       \
	"stock-repl\tcabinets > odoo\t\\N\t88\t0\t88\t0\t80\t310\t2400\n"
#define AUTOMATIONS                                                                              \
	"name:text\tmodel:text\ttrigger:text\turl:text\tlast_at:time\tactive:bool\n"             \
	"Web shop orders\tpurchase.order\ton_webhook\thttps://odoo.example/web/hook/•••\t" \
	"1773480000000000\tt\n"                                                                  \
	"Overdue bills\taccount.move\ton_time\t\\N\t1773470000000000\tt\n"
#define FOUND                                                                        \
	"model:text\tid:int\tname:text\treference:text\tstate:text\tarchived:bool\t" \
	"written_at:time\n"                                                          \
	"purchase.order\t17\tP00017\tHO-000017\tpurchase\tf\t1773480000000000\n"     \
	"res.partner\t44\tNordmed\tHO-000017\t\\N\tt\t1773400000000000\n"
#define RECORD                                            \
	"field:text\tlabel:text\ttype:text\tvalue:text\n" \
	"amount_total\tTotal\tmonetary\t1234.50\n"        \
	"name\tOrder Reference\tchar\tP00017\n"           \
	"notes\tTerms\ttext\t\\N\n"                       \
	"partner_ref\tVendor Reference\tchar\tHO-000017\n"
#define BELONG                                                                                    \
	"transaction:int\tinterface:text\tmessage:text\tbusiness_key:text\tstate:text\tat:time\t" \
	"why:text\n"                                                                              \
	"812\treq-in\treq-in-1\tHO-000017\tdone\t1773480000000000\tmade it, reference\n"

#define RUNS_HEAD                                                                              \
	"id:int\tinterface:text\tstate:text\tphase:text\tat:time\tended_at:time\tsince:time\t" \
	"upto:time\tours:int\ttheirs:int\tread:int\tlooked:int\tsame:int\twaiting:int\t"       \
	"elsewhere:int\tmissing:int\textra:int\tduplicate:int\tdifferent:int\tperson:text\t"   \
	"worker:text\twhy:text\n"
#define RUN_4(state, missing)                                                   \
	"4\tpo-in\t" state "\tmatch\t1773480000000000\t\\N\t1773394200000000\t" \
	"1773480600000000\t100000\t99990\t99990\t41000\t40990\t3\t2\t" missing  \
	"\t1\t1\t1\tAna Ruiz\tora:17\t\\N\n"
#define FINDINGS_HEAD                                                                           \
	"place:text\tkind:text\tkey:text\tknown:bool\tsure:bool\ttransaction:int\tstate:text\t" \
	"letter:text\tfacility:text\trecords:text\tfields:text\tmodel:text\tsystem:text\n"
#define FINDINGS                                                                                       \
	FINDINGS_HEAD                                                                                  \
	"11\tmissing\tPO-7\tf\tf\t812\tdead\topen\tH01\t\\N\t\\N\tpurchase.order\todoo-fin\n"          \
	"12\tmissing\tPO-8\tt\tt\t813\tdone\t\\N\tH01\t\\N\t\\N\tpurchase.order\todoo-fin\n"           \
	"13\tduplicate\tPO-9\tf\tt\t814\tdone\t\\N\tH02\t5 6\t\\N\tpurchase.order\todoo-fin\n"         \
	"14\tdifferent\tPO-10\tf\tt\t815\tdone\t\\N\tH02\t7\tamount_total\tpurchase.order\todoo-fin\n" \
	"15\textra\tPO-11\tf\tt\t\\N\t\\N\t\\N\t\\N\t9\t\\N\tpurchase.order\todoo-fin\n"               \
	"21\tgone\tmissing PO-1\tt\tt\t700\tdone\t\\N\tH01\t\\N\t\\N\tpurchase.order\todoo-fin\n"

static void script_all(struct script *script)
{
	script_answer(script, "odoo-health", HEALTH WELL DOWN);
	script_answer(script, "odoo-systems", "code:text\ttitle:text\nodoo\tOdoo ERP\n");
	script_answer(script, "odoo-touched", TOUCHED);
	script_answer(script, "odoo-webhooks", HOOKS);
	script_answer(script, "odoo-models", MODELS);
	script_answer(script, "odoo-crons", CRONS);
	script_answer(script, "odoo-find", FOUND);
	script_answer(script, "odoo-record", RECORD);
	script_answer(script, "odoo-transactions", BELONG);
	script_answer(script, "reconciles", RUNS_HEAD RUN_4("running", "2"));
	script_answer(script, "reconcile-findings", FINDINGS);
	script_fail(script, "odoo-queue", -ENOENT, "OCA's queue_job is not installed in this Odoo");
	script_fail(script, "odoo-automations", -ETIMEDOUT, "Odoo, timeout: no answer in time");
}

static bool shows(struct viewbench *bench, const char *text)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	viewbench_dump(bench, (struct look){120, 40, 256, false, false}, &screen);
	return strstr(str_cstr(&screen), text) != NULL;
}

static void it_looks_as_it_should(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_odoo, script_all);
	viewbench_golden(&bench, "odoo-health");
	viewbench_press(&bench, "m");
	viewbench_settle(&bench);
	viewbench_golden(&bench, "odoo-models");
	viewbench_press(&bench, "s");
	viewbench_settle(&bench);
	viewbench_golden(&bench, "odoo-crons");
	viewbench_close(&bench);
}

static void health_tells_what_is_wrong(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_odoo, script_all);
	assert_true(shows(&bench, "18.0 over JSON-RPC"));
	assert_true(shows(&bench, "8 scheduled, 2 failing EDI: import, Bank: fetch"));
	assert_true(shows(&bench, "0.3 s ahead of ours"));
	assert_true(shows(&bench, "5.0 s behind ours"));
	assert_true(shows(&bench, "down for   1h"));
	assert_true(shows(&bench, "connection refused"));
	assert_true(shows(&bench, "integration, newest key of this login, made 40d"));
	script_answer(bench.script, "odoo-health", HEALTH);
	viewbench_pass(&bench, 10 * S_US);
	assert_true(shows(&bench, "no worker has looked at Odoo"));
	viewbench_close(&bench);
}

static void only_the_section_that_is_shown_is_asked_for(void **state)
{
	struct viewbench bench;
	size_t asked;

	(void)state;
	viewbench_open(&bench, &view_odoo, script_all);
	assert_int_equal(script_asked(bench.script, "odoo-crons"), 0);
	viewbench_press(&bench, "s");
	viewbench_pass(&bench, 60 * S_US);
	asked = script_asked(bench.script, "odoo-health");
	assert_true(script_asked(bench.script, "odoo-crons") > 2);
	viewbench_pass(&bench, 60 * S_US);
	assert_int_equal(script_asked(bench.script, "odoo-health"), asked);
	viewbench_close(&bench);
}

static void what_odoo_cannot_tell_is_said(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_odoo, script_all);
	viewbench_press(&bench, "u");
	viewbench_settle(&bench);
	assert_true(shows(&bench, "OCA's queue_job is not installed"));
	viewbench_press(&bench, "a");
	viewbench_settle(&bench);
	assert_true(shows(&bench, "no answer in time"));
	viewbench_press(&bench, "m");
	viewbench_settle(&bench);
	assert_true(shows(&bench, "Purchase Order"));
	assert_true(shows(&bench, "is not there"));
	viewbench_close(&bench);
}

static void a_record_is_found_by_what_is_typed(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_odoo, script_all);
	viewbench_press(&bench, "m");
	viewbench_settle(&bench);
	viewbench_press(&bench, "r HO-000017 <Enter>");
	viewbench_settle(&bench);
	assert_string_equal(
		script_param(bench.script, "odoo-find", 0), "purchase.order,stock.quant,");
	assert_string_equal(script_param(bench.script, "odoo-find", 1), "HO-000017");
	assert_true(shows(&bench, "P00017"));
	assert_true(shows(&bench, "yes")); /* archived, and found all the same */
	viewbench_press(&bench, "<Enter>");
	assert_string_equal(str_cstr(&bench.went), "record purchase.order,17");
	viewbench_close(&bench);
}

static void a_record_leads_to_its_transactions(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_record, script_all);
	assert_true(shows(&bench, "no record was opened yet"));
	bench.view->ops->aim(bench.view, SLICE("purchase.order,17"));
	viewbench_settle(&bench);
	viewbench_golden(&bench, "odoo-record");
	assert_string_equal(script_param(bench.script, "odoo-record", 1), "17");
	assert_string_equal(script_param(bench.script, "odoo-transactions", 2), "P00017,HO-000017");
	assert_false(shows(&bench, "Terms"));
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(str_cstr(&bench.went), "transaction 812");
	bench.view->ops->aim(bench.view, SLICE("nonsense"));
	assert_non_null(strstr(str_cstr(&bench.said), "model,number"));
	viewbench_close(&bench);
}

static void a_comparison_is_asked_for_and_opened(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_odoo, script_all);
	script_answer(bench.script, "reconcile-ask",
		"code:text\tmessage:text\tid:int\nreconcile_check\tnot said by which field\t\\N\n");
	viewbench_press(&bench, "K po-in <Space> soon <Enter>");
	assert_non_null(strstr(str_cstr(&bench.said), "24h or 7d"));
	viewbench_press(&bench, "K po-in <Space> 7d <Enter>");
	assert_string_equal(script_param(bench.script, "reconcile-ask", 0), "po-in");
	assert_string_equal(script_param(bench.script, "reconcile-ask", 1), "1772875800");
	assert_string_equal(script_param(bench.script, "reconcile-ask", 2), "1773480600");
	assert_string_equal(str_cstr(&bench.said), "not said by which field");
	script_answer(
		bench.script, "reconcile-ask", "code:text\tmessage:text\tid:int\ndone\tdone\t4\n");
	viewbench_press(&bench, "K po-in <Enter>");
	assert_string_equal(script_param(bench.script, "reconcile-ask", 1), "1773394200");
	assert_string_equal(str_cstr(&bench.went), "reconcile 4");
	viewbench_press(&bench, "c");
	viewbench_settle(&bench);
	assert_true(shows(&bench, "po-in"));
	viewbench_press(&bench, "<Enter>");
	assert_string_equal(str_cstr(&bench.went), "reconcile 4");
	viewbench_close(&bench);
}

static void a_comparison_tells_how_far_it_is_and_what_it_found(void **state)
{
	struct viewbench bench;
	size_t asked;

	(void)state;
	viewbench_open(&bench, &view_reconcile, script_all);
	assert_true(shows(&bench, "no comparison was opened yet"));
	bench.view->ops->aim(bench.view, SLICE("4"));
	viewbench_settle(&bench);
	viewbench_golden(&bench, "odoo-reconcile");
	assert_true(shows(&bench, "41,000 of 100,000 compared"));
	/* more was found: the list is gone on with behind what is there */
	asked = script_asked(bench.script, "reconcile-findings");
	script_answer(bench.script, "reconciles", RUNS_HEAD RUN_4("running", "3"));
	script_answer(bench.script, "reconcile-findings",
		FINDINGS_HEAD "22\tmissing\tPO-12\tf\tf\t816\tdead\topen\tH01\t\\N\t\\N\tx\t\\N\n");
	viewbench_pass(&bench, 2 * S_US);
	assert_true(shows(&bench, "missing 3"));
	viewbench_settle(&bench);
	assert_true(script_asked(bench.script, "reconcile-findings") > asked);
	assert_string_equal(script_param(bench.script, "reconcile-findings", 1), "21");
	assert_true(shows(&bench, "PO-12"));
	/* and read anew when it is over */
	script_answer(bench.script, "reconciles", RUNS_HEAD RUN_4("done", "0"));
	script_answer(bench.script, "reconcile-findings", FINDINGS_HEAD);
	viewbench_pass(&bench, 2 * S_US);
	assert_true(shows(&bench, "both sides have the same"));
	viewbench_close(&bench);
}

static void what_is_missing_leads_to_its_transaction_and_to_a_replay(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_reconcile, script_all);
	bench.view->ops->aim(bench.view, SLICE("4"));
	viewbench_settle(&bench);
	viewbench_press(&bench, "<Enter>");
	assert_string_equal(str_cstr(&bench.went), "transaction 812");
	viewbench_press(&bench, "r");
	assert_string_equal(str_cstr(&bench.went), "ask letters 812");
	viewbench_press(&bench, "j r");
	assert_non_null(strstr(str_cstr(&bench.said), "only a dead letter"));
	viewbench_press(&bench, "j j j <Enter>");
	assert_string_equal(str_cstr(&bench.went), "record purchase.order,9 odoo-fin");
	viewbench_close(&bench);
}

/* One at a time is asked, and what it said goes when another is chosen. */
static void of_several_odoos_one_is_looked_at(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_odoo, script_all);
	viewbench_press(&bench, "s");
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "odoo-crons", 0), "");
	viewbench_press(&bench, "o");
	assert_non_null(strstr(str_cstr(&bench.said), "no other Odoo"));
	viewbench_close(&bench);

	viewbench_open(&bench, &view_odoo, script_all);
	script_answer(bench.script, "odoo-systems",
		"code:text\ttitle:text\nodoo-clin\tClinics\nodoo-fin\tFinance\n");
	viewbench_pass(&bench, 61 * S_US);
	viewbench_press(&bench, "s");
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "odoo-crons", 0), "odoo-clin");
	assert_true(shows(&bench, "of odoo-clin  odoo-fin"));
	script_fail(bench.script, "odoo-crons", -ENOENT, "no Odoo named odoo-fin in the profile");
	viewbench_press(&bench, "o");
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "odoo-crons", 0), "odoo-fin");
	assert_true(shows(&bench, "no Odoo named odoo-fin in the profile"));
	assert_false(shows(&bench, "EDI: import"));
	viewbench_press(&bench, "r HO-000017 <Enter>");
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "odoo-find", 2), "odoo-fin");
	viewbench_press(&bench, "<Enter>");
	assert_string_equal(str_cstr(&bench.went), "record purchase.order,17 odoo-fin");
	viewbench_close(&bench);

	/* a record of one is not that of another */
	viewbench_open(&bench, &view_record, script_all);
	bench.view->ops->aim(bench.view, SLICE("purchase.order,17 odoo-fin"));
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "odoo-record", 2), "odoo-fin");
	assert_string_equal(script_param(bench.script, "odoo-transactions", 3), "odoo-fin");
	bench.view->ops->aim(bench.view, SLICE("purchase.order,17 odoo-clin"));
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "odoo-record", 2), "odoo-clin");
	viewbench_close(&bench);
}

static void an_odoo_that_nobody_asks_is_named(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_odoo, script_all);
	script_answer(bench.script, "odoo-health",
		HEALTH WELL
		"odoo-fin\t\\N\t\\N\t\\N\tf\tnot asked\tno worker has an Odoo named odoo-fin\t\\N\t\\N\t\\N\t"
		"\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\n");
	viewbench_pass(&bench, 10 * S_US);
	assert_true(shows(&bench, "not asked  odoo-fin  no worker has an Odoo named odoo-fin"));
	viewbench_close(&bench);
}

static void automations_tell_where_they_are_called_and_what_became_of_it(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_odoo, script_all);
	script_answer(bench.script, "odoo-automations", AUTOMATIONS);
	viewbench_press(&bench, "a");
	viewbench_settle(&bench);
	viewbench_golden(&bench, "odoo-automations");
	assert_true(shows(&bench, "https://odoo.example/web/hook/•••"));
	assert_true(shows(&bench, "1,204 delivered, 3 failed"));
	assert_true(shows(&bench, "7 of 200 wrong signatures"));
	assert_true(shows(&bench, "acknowledged after 310 ms, slow 2.4 s"));
	viewbench_golden(&bench, "odoo-automations");
	viewbench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_looks_as_it_should),
		cmocka_unit_test(health_tells_what_is_wrong),
		cmocka_unit_test(only_the_section_that_is_shown_is_asked_for),
		cmocka_unit_test(what_odoo_cannot_tell_is_said),
		cmocka_unit_test(a_record_is_found_by_what_is_typed),
		cmocka_unit_test(a_record_leads_to_its_transactions),
		cmocka_unit_test(a_comparison_is_asked_for_and_opened),
		cmocka_unit_test(a_comparison_tells_how_far_it_is_and_what_it_found),
		cmocka_unit_test(what_is_missing_leads_to_its_transaction_and_to_a_replay),
		cmocka_unit_test(of_several_odoos_one_is_looked_at),
		cmocka_unit_test(an_odoo_that_nobody_asks_is_named),
		cmocka_unit_test(automations_tell_where_they_are_called_and_what_became_of_it),
	};

	return RUN(tests);
}
