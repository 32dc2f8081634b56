/* The view of a transaction: ladder, texts, reveal, and that all of it follows what is selected. */
#include "../lib/golden.h"
#include "../lib/unit.h"
#include "../lib/viewbench.h"
#include "views/views.h"
#include <errno.h>

#define AT(ms) "17734796" ms "000" /* "42000" is 2026-03-14 09:14:02 */
#define EVENTS                                                                                   \
	"transaction:int\tinterface:text\tsource:text\ttarget:text\tmessage:text\tparent:text\t" \
	"facility:text\tleg_state:text\tkind:text\tat:time\tattempt:int\tstage:text\t"           \
	"component:text\tduration_ms:int\thttp_status:int\tdue_at:time\tnative_state:text\t"     \
	"class:text\tcode:text\ttext:text\ttarget_model:text\ttarget_ref:text\tundoes:text\t"    \
	"trace:text\tidempotency_key:text\tkey:text\todoo:text\n"
#define LEG1 "17\trequisition\teprocure\todoo\tm-1\t\\N\tH01\tdone\t"
#define LEG2 "18\tpo-out\todoo\tghx\tm-2\tm-1\tH01\tdead\t"
#define PLAIN "\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t"
#define WAY                                                                                                                                                                                                        \
	LEG1 "received\t" AT("42000") "\t1\tin\tgateway\t" PLAIN "a1\t\\N\n" LEG1 "transformed\t" AT(                                                                                                              \
		"42031") "\t1\tmap\tmiddleware\t" PLAIN "a2\t\\N\n" LEG1                                                                                                                                           \
			 "attempted\t" AT("42241") "\t1\tcall\ttarget\t" PLAIN "a3\t\\N\n" LEG1 "delivered\t" AT(                                                                                                  \
				 "42900") "\t1\tcall\ttarget\t659\t200\t\\N\t\\N\t\\N\t\\N\t\\N\t"                                                                                                                 \
					  "purchase.order\tP00317\t\\N\t\\N\t\\N\ta4\todoo\n" LEG2                                                                                                                 \
					  "received\t" AT("44100") "\t1\tin\tmiddleware\t" PLAIN "b1\t\\N\n" LEG2 "step\t" AT(                                                                                     \
						  "44110") "\t1\treserve budget\tmiddleware\t" PLAIN                                                                                                               \
							   "b2\t\\N\n" LEG2                                                                                                                                        \
							   "attempted\t" AT("44200") "\t1\tcall\ttarget\t" PLAIN "b3\t\\N\n" LEG2 "failed\t" AT(                                                                   \
								   "46100") "\t1\tcall\ttarget\t1900\t\\N\t\\N\t\\N\ttimeout\tETIMEDOUT\t"                                                                         \
									    "no answer within 1900 ms\t\\N\t\\N\t\\N\t\\N\t\\N\tb4\t\\N\n" LEG2                                                                    \
									    "retry_scheduled\t" AT("46101") "\t1\tretry\tmiddleware\t" PLAIN "b5\t\\N\n" LEG2 "attempted\t" AT(                                    \
										    "56101") "\t2\tcall\ttarget\t" PLAIN                                                                                           \
											     "b6\t\\N\n" LEG2                                                                                                      \
											     "failed\t" AT(                                                                                                        \
												     "56301") "\t2\tcall\ttarget\t200\t422\t\\N\t\\N\tmapping\t422\t"                                              \
													      "cost centre 8841 unknown\t\\N\t\\N\t\\N\tt-7\tk-9\tb7\t\\N\n" LEG2                                  \
													      "step\t" AT(                                                                                         \
														      "56305") "\t2\t\\N\tmiddleware\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t"               \
															       "reserve budget\t\\N\t\\N\tb8\t\\N\n" LEG2                                          \
															       "dead\t" AT(                                                                        \
																       "56310") "\t2\tdead-letter\tmiddleware\t\\N\t422\t\\N\t\\N\tmapping\t422\t" \
																		"cost centre 8841 unknown\t\\N\t\\N\t\\N\t\\N\t\\N\tb9\t\\N\n"

#define HEAD                                                                              \
	"id:int\tinterface:text\ttitle:text\tsource:text\ttarget:text\tdata_class:text\t" \
	"owner:text\trunbook:text\tmessage:text\tcorrelation:text\tparent:text\t"         \
	"business_key:text\tentity:text\tfacility:text\tpartner:text\tpartner_ref:text\t" \
	"ordering_key:text\tstate:text\tnative_state:text\tattempt:int\tfirst_at:time\t"  \
	"last_at:time\tdue_at:time\toverdue:bool\tevents:int\tfailures:int\tclass:text\t" \
	"code:text\ttext:text\tletter:text\tletter_owner:text\tsnoozed_until:time\t"      \
	"failed_again:int\tsignature:text\treplayed_as:int\thidden:int\tnote:text\n"
#define FACTS                                                                                       \
	"18\tpo-out\tOrders to suppliers\todoo\tghx\tinternal\tana.ruiz\t"                          \
	"https://wiki.example/po-out\tm-2\t7f3a\tm-1\tPO-2026-11-00317\tpurchase order\tH01\tGHX\t" \
	"REF1\tghx-12\tdead\t\\N\t2\t" AT("44100") "\t" AT(                                         \
		"56310") "\t\\N\tf\t9\t2\tmapping\t422\t"                                           \
			 "cost centre 8841 unknown\topen\t\\N\t\\N\t0\tcost centre # unknown\t\\N\t"

#define PAYLOADS                                                                                   \
	"key:text\tat:time\tevent:text\tattempt:int\tkind:text\tcontent_type:text\theaders:text\t" \
	"body:text\tbytes:int\thow:text\twhy:text\n"
#define TWO                                                                                                                                   \
	"b1\t" AT(                                                                                                                            \
		"44100") "\treceived\t1\tinbound\tapplication/json\t\\N\t"                                                                    \
			 "{\"order\":\"P00317\",\"centre\":\"8840\",\"buyer\":\"•••\"}\t1204\tmasked\t\\N\n"                            \
			 "b6\t" AT(                                                                                                           \
				 "56101") "\tattempted\t2\toutbound\tapplication/json\t\\N\t"                                                 \
					  "{\"order\":\"P00317\",\"centre\":\"8841\",\"lines\":[1,2.5,true],\"buyer\":\"•••\"}\t1250\t" \
					  "masked\t\\N\n"

#define LINKS "link:text\twhat:text\tstate:text\tat:time\tview:text\taim:text\n"
#define FOUR                                                                             \
	"interface\tpo-out  Purchase orders\t\\N\t\\N\tinterface\tpo-out\n"              \
	"dead letter\tcost centre # unknown\topen\t\\N\t\\N\t\\N\n"                      \
	"replayed as\tpo-out  m-1/r1  P00317\tdone\t1773480000000000\ttransaction\t77\n" \
	"record\tpurchase.order  P00317\t\\N\t1773470000000000\t\\N\t\\N\n"

static void script_way(struct script *script)
{
	script_answer(script, "transaction-events", EVENTS WAY);
	script_answer(script, "transaction", HEAD FACTS "2\t\\N\n");
	script_answer(script, "transaction-payloads", PAYLOADS TWO);
	script_answer(script, "transaction-links", LINKS FOUR);
}

static void open_on(struct viewbench *bench, void (*script)(struct script *script))
{
	viewbench_open(bench, &view_transaction, script);
	bench->view->ops->aim(bench->view, SLICE("18"));
	viewbench_settle(bench);
}

static void expect(struct viewbench *bench, const char *what, bool shown)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	viewbench_dump(bench, (struct look){120, 40, 256, false, false}, &screen);
	if ((strstr(str_cstr(&screen), what) != NULL) != shown)
		fail_msg("\"%s\" is %s\n%s", what, shown ? "missing" : "shown", str_cstr(&screen));
}

static void it_looks_as_it_should(void **state)
{
	static const struct {
		const char *name, *keys;
	} rows[] = {
		{"transaction-payload", ""},
		{"transaction-event", "e k k"},
		{"transaction-facts", "i <Tab>"},
		{"transaction-changes", "d"},
		{"transaction-links", "L j"},
		{"transaction-reveal", "x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct viewbench bench;

		open_on(&bench, script_way);
		viewbench_press(&bench, rows[i].keys);
		viewbench_golden(&bench, rows[i].name);
		viewbench_close(&bench);
	}
}

static void what_is_not_there_says_so(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_transaction, NULL);
	expect(&bench, "no transaction was opened yet", true);
	assert_int_equal(script_asked(bench.script, "transaction-events"), 0);
	bench.view->ops->aim(bench.view, SLICE("m-1"));
	assert_non_null(strstr(str_cstr(&bench.said), "by its number"));
	script_answer(bench.script, "transaction-events", EVENTS);
	script_answer(bench.script, "transaction", HEAD);
	script_answer(bench.script, "transaction-payloads", PAYLOADS);
	bench.view->ops->aim(bench.view, SLICE("9"));
	viewbench_settle(&bench);
	expect(&bench, "there is no such transaction, or it is out of your scope", true);
	script_fail(bench.script, "transaction-events", -EPERM, "permission denied");
	viewbench_pass(&bench, 2 * S_US);
	expect(&bench, "permission denied", true);
	viewbench_close(&bench);
}

static void script_way_without_payloads(struct script *script)
{
	script_way(script);
	script_fail(script, "transaction-payloads", -EIO, "the disk is full");
}

static void what_is_said_of_a_payload_is_said_anew(void **state)
{
	struct viewbench bench;

	(void)state;
	open_on(&bench, script_way_without_payloads);
	expect(&bench, " the disk is full", true);
	script_answer(bench.script, "transaction-payloads", PAYLOADS);
	viewbench_press(&bench, "R");
	viewbench_settle(&bench);
	expect(&bench, " no payload, or none that is masked already", true);
	viewbench_close(&bench);
}

static void what_is_revealed_must_be_there(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_transaction, script_way);
	script_hold(bench.script, true);
	bench.view->ops->aim(bench.view, SLICE("18"));
	viewbench_press(&bench, "x");
	assert_string_equal(str_cstr(&bench.said), "the transaction is not here yet");
	script_hold(bench.script, false);
	viewbench_close(&bench);
}

static void the_cursor_begins_at_what_was_opened_and_stays_on_its_event(void **state)
{
	struct viewbench bench;

	(void)state;
	open_on(&bench, script_way);
	expect(&bench, "hop 13 of 13", true);
	viewbench_press(&bench, "k k");
	/* Another event of the first leg comes late: it stands above. */
	script_answer(bench.script, "transaction-events",
		EVENTS LEG1 "note\t" AT("41000") "\t1\t\\N\tgateway\t" PLAIN "a0\t\\N\n" WAY);
	viewbench_pass(&bench, 2 * S_US);
	expect(&bench, "hop 12 of 14", true);
	viewbench_close(&bench);
}

static void another_leg_brings_its_own_facts_and_payloads(void **state)
{
	struct viewbench bench;
	size_t asked;

	(void)state;
	open_on(&bench, script_way);
	assert_string_equal(script_param(bench.script, "transaction-payloads", 0), "18");
	asked = script_asked(bench.script, "transaction-payloads");
	viewbench_press(&bench, "k k k k");
	assert_int_equal(script_asked(bench.script, "transaction-payloads"), asked);
	viewbench_press(&bench, "gg");
	assert_string_equal(script_param(bench.script, "transaction-payloads", 0), "17");
	assert_string_equal(script_param(bench.script, "transaction", 0), "17");
	viewbench_close(&bench);
}

/* The one of its event, else the newest before; others by hand. */
static void the_payload_is_that_of_the_hop(void **state)
{
	struct viewbench bench;

	(void)state;
	open_on(&bench, script_way);
	expect(&bench, "8841", true);
	expect(&bench, "2 of 2", true);
	viewbench_press(&bench, "k k k k k k k k");
	expect(&bench, "1 of 2", true);
	expect(&bench, "\"8840\"", true);
	viewbench_press(&bench, ".");
	expect(&bench, "2 of 2", true);
	viewbench_press(&bench, ". . ,");
	expect(&bench, "1 of 2", true);
	viewbench_press(&bench, "r");
	expect(&bench, "{\"order\":\"P00317\",\"centre\"", true);
	viewbench_close(&bench);
}

static void payloads_are_asked_for_again_when_something_happened(void **state)
{
	struct viewbench bench;
	size_t asked;

	(void)state;
	open_on(&bench, script_way);
	asked = script_asked(bench.script, "transaction-payloads");
	viewbench_pass(&bench, 10 * S_US);
	assert_int_equal(script_asked(bench.script, "transaction-payloads"), asked);
	assert_true(script_asked(bench.script, "transaction-events") > 8);
	script_answer(bench.script, "transaction-events",
		EVENTS WAY LEG2 "note\t" AT("57000") "\t2\t\\N\t\\N\t" PLAIN "c1\t\\N\n");
	viewbench_pass(&bench, 2 * S_US);
	assert_int_equal(script_asked(bench.script, "transaction-payloads"), asked + 1);
	viewbench_close(&bench);
}

static void nothing_is_asked_while_it_is_hidden(void **state)
{
	struct viewbench bench;
	size_t asked;

	(void)state;
	open_on(&bench, script_way);
	bench.view->ops->show(bench.view, false);
	asked = script_asked(bench.script, "transaction-events");
	viewbench_pass(&bench, 60 * S_US);
	assert_int_equal(script_asked(bench.script, "transaction-events"), asked);
	bench.view->ops->show(bench.view, true);
	viewbench_settle(&bench);
	assert_int_equal(script_asked(bench.script, "transaction-events"), asked + 1);
	viewbench_close(&bench);
}

/* Links are asked for only while they are shown, and each opens where it is shown. */
static void links_lead_on(void **state)
{
	struct viewbench bench;
	struct match *match;

	(void)state;
	open_on(&bench, script_way);
	assert_int_equal(script_asked(bench.script, "transaction-links"), 0);
	viewbench_press(&bench, "L <Enter>");
	assert_string_equal(str_cstr(&bench.went), "interface po-out");
	viewbench_press(&bench, "j <Enter>");
	assert_non_null(strstr(str_cstr(&bench.said), "no view shows this"));
	viewbench_press(&bench, "G k <Enter>");
	assert_string_equal(str_cstr(&bench.went), "transaction 77");
	assert_int_equal(match_new(SLICE("purchase"), &match, NULL), 0);
	assert_int_equal(bench.view->ops->search(bench.view, match, true), 1);
	match_free(match);
	viewbench_press(&bench, "p <Tab>");
	viewbench_pass(&bench, 60 * S_US);
	assert_int_equal(script_asked(bench.script, "transaction-links"), 1);
	script_fail(bench.script, "transaction-links", -EPERM, "permission denied");
	viewbench_press(&bench, "L R");
	expect(&bench, "cost centre # unknown", true);
	bench.view->ops->aim(bench.view, SLICE("19"));
	viewbench_settle(&bench);
	expect(&bench, "permission denied", true);
	viewbench_close(&bench);
}

/* ---- Odoo ---- */

#define BESIDE                                                                        \
	"field:text\tsource:text\tours:text\ttheirs:text\tverdict:text\tmodel:text\t" \
	"record:int\tname:text\tarchived:bool\tsystem:text\n"

static void the_record_of_odoo_stands_beside_the_payload(void **state)
{
	static const char rows[] = BESIDE
		"amount_total\t{/total}\t12.50\t13.00\tdifferent\tpurchase.order\t317\tP00317\tt\todoo-fin\n"
		"partner_id\t{/supplier}\tNordmed\t[SUP-1] Nordmed\tequal\tpurchase.order\t317\tP00317\tt\t"
		"odoo-fin\n"
		"notes\t{/note}\tby noon\t\\N\tmissing\tpurchase.order\t317\tP00317\tt\todoo-fin\n"
		"buyer\t{/buyer}\t•••\t•••\thidden\tpurchase.order\t317\tP00317\tt\todoo-fin\n";
	struct viewbench bench;

	(void)state;
	open_on(&bench, script_way);
	assert_int_equal(script_asked(bench.script, "odoo-beside"), 0);
	/* before it was looked at, the record that the event of this hop tells of */
	viewbench_press(&bench, "gg j j j O");
	assert_string_equal(str_cstr(&bench.went), "record purchase.order,P00317 odoo");
	viewbench_press(&bench, "G O");
	assert_non_null(strstr(str_cstr(&bench.said), "no record of Odoo is known yet"));
	script_answer(bench.script, "odoo-beside", rows);
	viewbench_press(&bench, "o");
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "odoo-beside", 0), "18");
	expect(&bench, "purchase.order P00317, archived", true);
	expect(&bench, "different   12.50  |  13.00", true);
	expect(&bench, "equal       Nordmed  |  [SUP-1] Nordmed", true);
	expect(&bench, "missing     by noon  |  (nothing)", true);
	expect(&bench, "hidden      •••  |  •••", true);
	viewbench_press(&bench, "O");
	assert_string_equal(str_cstr(&bench.went), "record purchase.order,317 odoo-fin");
	viewbench_close(&bench);

	open_on(&bench, script_way);
	script_fail(bench.script, "odoo-beside", -ENOENT, "no Odoo named odoo-fin in the profile");
	viewbench_press(&bench, "o");
	viewbench_settle(&bench);
	expect(&bench, "no Odoo named odoo-fin in the profile", true);
	viewbench_close(&bench);
}

/* ---- reveal ---- */

#define GRANTED "code:text\tmessage:text\tgrant_id:int\tuntil:time\n"
#define RAW "code:text\tmessage:text\tkey:text\tcontent_type:text\theaders:text\tbody:text\n"
#define SECRET_HEX "7b226275796572223a22616e61227d" /* {"buyer":"ana"} */

static void script_grant(struct script *script)
{
	script_way(script);
	script_answer(script, "transaction-reveal",
		GRANTED "done\tdone\t5\t1773480660000000\n"); /* a minute from now */
	script_answer(script, "transaction-raw",
		RAW "done\t\\N\tb1\tapplication/json\t\\N\t7b7d\n"
		    "done\t\\N\tb6\tapplication/json\t\\N\t" SECRET_HEX "\n");
	script_answer(script, "transaction-reseal", "code:text\tmessage:text\ndone\tdone\n");
}

static void a_reveal_takes_a_reason_and_ends_by_itself(void **state)
{
	struct viewbench bench;

	(void)state;
	open_on(&bench, script_grant);
	viewbench_press(&bench, "x <Enter> <Enter> <Enter>");
	expect(&bench, "this is needed", true);
	assert_int_equal(script_asked(bench.script, "transaction-reveal"), 0);
	viewbench_press(&bench, "broken<Space>line <Enter> <Right> <Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "transaction-reveal", 0), "18");
	assert_string_equal(script_param(bench.script, "transaction-reveal", 1), "broken line");
	assert_string_equal(script_param(bench.script, "transaction-reveal", 2), "2");
	assert_string_equal(script_param(bench.script, "transaction-raw", 0), "5");
	expect(&bench, "\"buyer\": \"ana\"", true);
	expect(&bench, "REVEALED, sealed in 1:00", true);
	viewbench_pass(&bench, 30 * S_US);
	expect(&bench, "sealed in 0:30", true);
	viewbench_pass(&bench, 31 * S_US);
	expect(&bench, "\"ana\"", false);
	expect(&bench, "REVEALED", false);
	expect(&bench, "8841", true);
	assert_int_equal(script_asked(bench.script, "transaction-reseal"), 0);
	viewbench_close(&bench);
}

static void reveal_now(struct viewbench *bench)
{
	open_on(bench, script_grant);
	viewbench_press(bench, "x why <Enter> <Enter> <Enter>");
	expect(bench, "\"ana\"", true);
}

static void what_was_revealed_is_sealed_by_leaving_it(void **state)
{
	static const char *const keys[] = {"x", "gg"}; /* by hand; by going to another leg */
	struct viewbench bench;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		reveal_now(&bench);
		viewbench_press(&bench, keys[i]);
		expect(&bench, "\"ana\"", false);
		assert_int_equal(script_asked(bench.script, "transaction-reseal"), 1);
		assert_string_equal(script_param(bench.script, "transaction-reseal", 0), "5");
		viewbench_close(&bench);
	}
	/* A lock hides the view; when the store could not be told at once, it is told later. */
	reveal_now(&bench);
	script_hold(bench.script, true);
	bench.view->ops->show(bench.view, false);
	expect(&bench, "\"ana\"", false);
	script_fail(bench.script, "transaction-reseal", -ENOTCONN, "the store is gone");
	script_hold(bench.script, false);
	viewbench_settle(&bench);
	script_answer(bench.script, "transaction-reseal", "code:text\tmessage:text\ndone\tdone\n");
	bench.view->ops->show(bench.view, true);
	viewbench_settle(&bench);
	assert_int_equal(script_asked(bench.script, "transaction-reseal"), 2);
	expect(&bench, "\"ana\"", false);
	viewbench_close(&bench);
}

static void refusals_are_shown_as_they_come(void **state)
{
	static const struct {
		const char *answer, *shown, *said;
	} rows[] = {
		{GRANTED "role\tthis takes another role\t\\N\t\\N\n", NULL,
			"this takes another role"},
		{GRANTED "reason\ta reason is needed\t\\N\t\\N\n", "a reason is needed", NULL},
		{GRANTED "minutes\tthe time asked for is too long\t\\N\t\\N\n", "longer than",
			NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct viewbench bench;

		open_on(&bench, script_grant);
		script_answer(bench.script, "transaction-reveal", rows[i].answer);
		viewbench_press(&bench, "x why <Enter> <Enter> <Enter>");
		assert_int_equal(script_asked(bench.script, "transaction-raw"), 0);
		if (rows[i].shown)
			expect(&bench, rows[i].shown, true);
		if (rows[i].said)
			assert_non_null(strstr(str_cstr(&bench.said), rows[i].said));
		expect(&bench, "Reveal the payloads", rows[i].shown != NULL);
		expect(&bench, "why", rows[i].shown != NULL);
		viewbench_close(&bench);
	}
}

static void a_store_that_fails_costs_nothing_that_was_typed(void **state)
{
	struct viewbench bench;

	(void)state;
	open_on(&bench, script_grant);
	script_fail(bench.script, "transaction-reveal", -ENOTCONN, "the store is gone");
	viewbench_press(&bench, "x why <Enter> <Enter> <Enter>");
	assert_non_null(strstr(str_cstr(&bench.said), "the store is gone"));
	expect(&bench, "why", true);
	viewbench_press(&bench, "<Esc>");
	expect(&bench, "Reveal the payloads", false);
	viewbench_close(&bench);
}

static void a_grant_that_opens_nothing_is_ended(void **state)
{
	struct viewbench bench;

	(void)state;
	open_on(&bench, script_grant);
	script_answer(bench.script, "transaction-raw",
		RAW "scope\tit is out of your scope\t\\N\t\\N\t\\N\t\\N\n");
	viewbench_press(&bench, "x why <Enter> <Enter> <Enter>");
	assert_non_null(strstr(str_cstr(&bench.said), "it is out of your scope"));
	assert_int_equal(script_asked(bench.script, "transaction-reseal"), 1);
	expect(&bench, "REVEALED", false);
	viewbench_close(&bench);
}

/* ---- the rest ---- */

static void a_search_goes_through_the_text_and_round(void **state)
{
	struct viewbench bench;
	struct match *match;

	(void)state;
	open_on(&bench, script_way);
	viewbench_press(&bench, "<Tab>");
	assert_int_equal(match_new(SLICE("lines"), &match, NULL), 0);
	assert_int_equal(bench.view->ops->search(bench.view, match, true), 1);
	assert_int_equal(bench.view->ops->search(bench.view, match, true), 1);
	match_free(match);
	bench.view->ops->show(bench.view, false); /* lets go of it */
	bench.view->ops->show(bench.view, true);
	viewbench_settle(&bench);
	expect(&bench, "lines", true);
	assert_int_equal(match_new(SLICE("nowhere"), &match, NULL), 0);
	assert_int_equal(bench.view->ops->search(bench.view, match, true), 0);
	viewbench_close(&bench);
	match_free(match);
}

static void ids_are_copied(void **state)
{
	struct viewbench bench;

	(void)state;
	open_on(&bench, script_way);
	viewbench_press(&bench, "y");
	assert_string_equal(str_cstr(&bench.copied), "7f3a");
	assert_string_equal(str_cstr(&bench.said), "copied the correlation id 7f3a");
	viewbench_press(&bench, "Y");
	assert_string_equal(str_cstr(&bench.copied), "m-2");
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_looks_as_it_should),
		cmocka_unit_test(what_is_not_there_says_so),
		cmocka_unit_test(what_is_said_of_a_payload_is_said_anew),
		cmocka_unit_test(what_is_revealed_must_be_there),
		cmocka_unit_test(the_cursor_begins_at_what_was_opened_and_stays_on_its_event),
		cmocka_unit_test(another_leg_brings_its_own_facts_and_payloads),
		cmocka_unit_test(the_payload_is_that_of_the_hop),
		cmocka_unit_test(payloads_are_asked_for_again_when_something_happened),
		cmocka_unit_test(nothing_is_asked_while_it_is_hidden),
		cmocka_unit_test(links_lead_on),
		cmocka_unit_test(the_record_of_odoo_stands_beside_the_payload),
		cmocka_unit_test(a_reveal_takes_a_reason_and_ends_by_itself),
		cmocka_unit_test(what_was_revealed_is_sealed_by_leaving_it),
		cmocka_unit_test(refusals_are_shown_as_they_come),
		cmocka_unit_test(a_store_that_fails_costs_nothing_that_was_typed),
		cmocka_unit_test(a_grant_that_opens_nothing_is_ended),
		cmocka_unit_test(a_search_goes_through_the_text_and_round),
		cmocka_unit_test(ids_are_copied),
	};

	return RUN(tests);
}
