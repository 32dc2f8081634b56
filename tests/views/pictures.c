/* Makes the pictures of the documentation from the views themselves, on rows that are written here.
 * How a screen becomes a picture is tests/lib/picture's matter.
 * Called by `make pictures`: tests/views/pictures FOLDER. */
#include "../lib/picture.h"
#include "../lib/unit.h"
#include "../lib/viewbench.h"
#include "base/arena.h"
#include "ui/defaults.h"
#include "ui/palette.h"
#include "standing_rows.h"
#include "views/views.h"
#include <errno.h>
#include <stdio.h>

#define WIDTH 120
#define HEIGHT 34

/* Rows as tables. */
/* clang-format off */

#define FLOW(code, from, to, state, queue, retrying, dead, oldest, rate, last, owner, spark, stands) \
	NOW(code, code, from, to, state, queue, retrying, dead, dead, oldest, rate, rate,             \
		"177348" last "000000", owner, "1", spark, "50") stands QUIET

static void overview_rows(struct script *script)
{
	script_answer(script, "systems-down", DOWN_HEAD);
	script_answer(script, "overview-waits", "asked:int\tdoubts:int\n2\t0\n");
	script_answer(script, "overview", OVERVIEW_HEAD
		FLOW("po-out", "Odoo", "GHX", "breach", "210", "12", "17", "1773469080000000", "41.5",
			"0598", "ana.ruiz", "1,1,2,3,5,8,13,21,20,18,17,30", STANDS("success is missed", NEVER, "t", "success", "995000", "523", "48000", "4100", "2000"))
		FLOW("charge-capture", "EHR", "Odoo", "at_risk", "64", "31", "4", "1773478020000000", "118.2",
			"0599", "", "22,24,21,23,25,22,20,18,9,6,4,3", STANDS("success burns its budget", NEVER, "t", "success", "990000", "402", "98000", "1200", "2000"))
		FLOW("lab-orders", "EHR", "Laboratory", "silent", "0", "0", "0", "\\N", "0", "0020", "li.wei",
			"14,14,13,15,14,9,2,0,0,0,0,0", WELL)
		FLOW("item-master", "Odoo", "Dispensing", "slow", "38", "2", "0", "\\N", "7.9", "0571",
			"p.novak", "6,6,7,6,8,9,8,7,9,11,12,14", WELL)
		FLOW("invoice-in", "Peppol", "Odoo", "slow", "11", "0", "1", "1773442800000000", "3.1", "0544",
			"m.okafor", "2,1,3,2,2,4,3,2,3,4,3,2", WELL)
		FLOW("adt-feed", "EHR", "Odoo", "ok", "3", "0", "0", "\\N", "263.4", "0599", "ana.ruiz",
			"60,58,62,61,60,64,63,59,61,62,65,63", WELL)
		FLOW("asn-in", "GHX", "Odoo", "ok", "1", "0", "0", "\\N", "12.7", "0592", "ana.ruiz",
			"9,8,11,12,10,9,13,12,11,10,12,13", WELL)
		FLOW("stock-moves", "Dispensing", "Odoo", "ok", "6", "1", "0", "\\N", "88.0", "0597", "p.novak",
			"30,31,29,33,32,30,34,31,33,30,32,31", WELL)
		FLOW("pharmacy-usage", "Pharmacy", "Odoo", "ok", "0", "0", "0", "\\N", "52.3", "0596", "s.haddad",
			"18,19,22,21,20,23,22,20,19,21,22,20", WELL)
		FLOW("gl-nightly", "Odoo", "Ledger", "ok", "0", "0", "0", "\\N", "0", "0120", "m.okafor",
			"0,0,0,0,0,0,0,1,0,0,0,0", WELL)
		FLOW("payroll-costs", "Payroll", "Odoo", "ok", "0", "0", "0", "\\N", "0.4", "0310", "m.okafor",
			"1,0,1,1,0,2,1,0,1,1,0,1", WELL)
		FLOW("asset-tags", "Biomed", "Odoo", "ok", "0", "0", "0", "\\N", "1.2", "0480", "r.silva",
			"2,1,1,2,1,1,3,2,1,2,1,1", WELL)
		FLOW("dialysis-sets", "Dialysis", "Odoo", "ok", "0", "0", "0", "\\N", "2.8", "0533", "s.haddad",
			"3,2,3,4,3,2,3,3,4,3,2,3", WELL)
		FLOW("contract-prices", "GPO", "Odoo", "ok", "0", "0", "0", "\\N", "0.1", "0005", "ana.ruiz",
			"0,0,1,0,0,0,2,0,0,0,1,0", WELL)
		FLOW("recall-notices", "Agency", "Odoo", "none", "0", "0", "0", "\\N", "0", "0000", "r.silva", "0", WELL));
}

#define TAIL                                                                                       \
	"era:text\txid:text\tseq:int\tat:time\tarrived:time\tinterface:text\tkind:text\t"          \
	"state:text\tcorrelation:text\tbusiness_key:text\tfacility:text\tpartner:text\t"           \
	"attempt:int\tclass:text\ttext:text\tmessage:text\tkey:text\n"
#define EVENT(seq, s_ms, interface, kind, state, correlation, key, facility, attempt, class, text)  \
	"e1\t100\t" seq "\t17734805" s_ms "000\t17734805" s_ms "000\t" interface "\t" kind "\t" state \
	"\t" correlation "\t" key "\t" facility "\tGHX\t" attempt "\t" class "\t" text "\tm-" seq "\tk" seq "\n"

static void tail_rows(struct script *script)
{
	script_answer(script, "tail", TAIL);
	script_answer(script, "tail-before", TAIL);
	script_answer(script, "tail-horizon",
		"era:text\txid:text\theld_s:real\tpid:int\twho:text\twhat:text\n"
		"e1\t104\t0\t\\N\t\\N\t\\N\n");
	script_answer(script, "tail-start", TAIL
		EVENT("1", "90412", "adt-feed", "received", "waiting", "a31c77e0", "ADT-A01-88213", "H01", "1", "", "")
		EVENT("2", "90436", "adt-feed", "delivered", "done", "a31c77e0", "ADT-A01-88213", "H01", "1", "", "24 ms")
		EVENT("3", "90871", "po-out", "received", "waiting", "7f3a91c2", "PO-2026-00317", "H01", "1", "", "")
		EVENT("4", "91020", "stock-moves", "received", "waiting", "51be02aa", "MOVE-55120", "H03", "1", "", "")
		EVENT("5", "91077", "stock-moves", "delivered", "done", "51be02aa", "MOVE-55120", "H03", "1", "", "57 ms")
		EVENT("6", "91132", "po-out", "attempt", "running", "7f3a91c2", "PO-2026-00317", "H01", "1", "", "")
		EVENT("7", "91964", "charge-capture", "received", "waiting", "0c88d1fe", "CHG-901422", "H02", "1", "", "")
		EVENT("8", "92021", "charge-capture", "failed", "retrying", "0c88d1fe", "CHG-901422", "H02", "1", "timeout", "Odoo did not answer within 30 s")
		EVENT("9", "92310", "adt-feed", "received", "waiting", "c7d0194b", "ADT-A08-88214", "H02", "1", "", "")
		EVENT("10", "92333", "adt-feed", "delivered", "done", "c7d0194b", "ADT-A08-88214", "H02", "1", "", "23 ms")
		EVENT("11", "93004", "po-out", "failed", "retrying", "7f3a91c2", "PO-2026-00317", "H01", "2", "mapping", "422 cost centre 8841 unknown")
		EVENT("12", "93411", "asn-in", "received", "waiting", "e90b44c1", "ASN-71180", "H01", "1", "", "")
		EVENT("13", "93498", "asn-in", "delivered", "done", "e90b44c1", "ASN-71180", "H01", "1", "", "87 ms")
		EVENT("14", "94120", "pharmacy-usage", "received", "waiting", "1d44aa90", "USE-33091", "H04", "1", "", "")
		EVENT("15", "94160", "pharmacy-usage", "filtered", "filtered", "1d44aa90", "USE-33091", "H04", "1", "", "not a stocked item")
		EVENT("16", "95700", "item-master", "received", "waiting", "77aa10b3", "ITEM-20417", "H02", "1", "", "")
		EVENT("17", "95802", "po-out", "failed", "dead", "7f3a91c2", "PO-2026-00317", "H01", "3", "mapping", "422 cost centre 8841 unknown")
		EVENT("18", "95803", "po-out", "dead", "dead", "7f3a91c2", "PO-2026-00317", "H01", "3", "mapping", "gave up after 3 attempts")
		EVENT("19", "96214", "adt-feed", "received", "waiting", "f2210a8d", "ADT-A03-88215", "H01", "1", "", "")
		EVENT("20", "96239", "adt-feed", "delivered", "done", "f2210a8d", "ADT-A03-88215", "H01", "1", "", "25 ms")
		EVENT("21", "98871", "item-master", "delivered", "done", "77aa10b3", "ITEM-20417", "H02", "1", "", "3.2 s"));
}

#define EVENTS                                                                                     \
	"transaction:int\tinterface:text\tsource:text\ttarget:text\tmessage:text\tparent:text\t"   \
	"facility:text\tleg_state:text\tkind:text\tat:time\tattempt:int\tstage:text\t"             \
	"component:text\tduration_ms:int\thttp_status:int\tdue_at:time\tnative_state:text\t"       \
	"class:text\tcode:text\ttext:text\ttarget_model:text\ttarget_ref:text\tundoes:text\t"      \
	"trace:text\tidempotency_key:text\tkey:text\todoo:text\n"
#define N3 "\\N\t\\N\t\\N\t"
/* s_ms: after 09:13; what: seven cells from duration_ms to text */
#define HOP(leg, kind, s_ms, attempt, stage, component, what, model, ref)                          \
	leg kind "\t17734796" s_ms "000\t" attempt "\t" stage "\t" component "\t" what model "\t"  \
		ref "\t" N3 "k" s_ms "\t\\N\n"
#define NO_ERROR N3 N3 "\\N\t"
#define REQUISITION "17\trequisition\teProcure\tOdoo\tREQ-20917\t\\N\tH01\tdone\t"
#define ORDER "18\tpo-out\tOdoo\tGHX\tPO-00317\tREQ-20917\tH01\tdead\t"
#define HEAD                                                                                       \
	"id:int\tinterface:text\ttitle:text\tsource:text\ttarget:text\tdata_class:text\t"          \
	"owner:text\trunbook:text\tmessage:text\tcorrelation:text\tparent:text\t"                  \
	"business_key:text\tentity:text\tfacility:text\tpartner:text\tpartner_ref:text\t"          \
	"ordering_key:text\tstate:text\tnative_state:text\tattempt:int\tfirst_at:time\t"           \
	"last_at:time\tdue_at:time\toverdue:bool\tevents:int\tfailures:int\tclass:text\t"          \
	"code:text\ttext:text\tletter:text\tletter_owner:text\tsnoozed_until:time\t"               \
	"failed_again:int\tsignature:text\treplayed_as:int\thidden:int\tnote:text\n"
#define PAYLOADS                                                                                   \
	"key:text\tat:time\tevent:text\tattempt:int\tkind:text\tcontent_type:text\theaders:text\t" \
	"body:text\tbytes:int\thow:text\twhy:text\n"

static void transaction_rows(struct script *script)
{
	script_answer(script, "transaction-events", EVENTS
		HOP(REQUISITION, "received", "42000", "1", "in", "gateway", NO_ERROR, "\\N", "\\N")
		HOP(REQUISITION, "validated", "42031", "1", "check", "middleware", NO_ERROR, "\\N", "\\N")
		HOP(REQUISITION, "attempted", "42241", "1", "call", "target", NO_ERROR, "\\N", "\\N")
		HOP(REQUISITION, "delivered", "42900", "1", "call", "target", "659\t200\t" N3 "\\N\t\\N\t",
			"purchase.order", "P00317")
		HOP(ORDER, "received", "44100", "1", "in", "middleware", NO_ERROR, "\\N", "\\N")
		HOP(ORDER, "step", "44110", "1", "reserve budget", "middleware", NO_ERROR, "\\N", "\\N")
		HOP(ORDER, "attempted", "44200", "1", "call", "target", NO_ERROR, "\\N", "\\N")
		HOP(ORDER, "failed", "46100", "1", "call", "target",
			"1900\t\\N\t\\N\t\\N\ttimeout\tETIMEDOUT\tno answer within 1.9 s\t", "\\N", "\\N")
		HOP(ORDER, "retry_scheduled", "46101", "1", "retry", "middleware", NO_ERROR, "\\N", "\\N")
		HOP(ORDER, "attempted", "56101", "2", "call", "target", NO_ERROR, "\\N", "\\N")
		HOP(ORDER, "failed", "56301", "2", "call", "target",
			"200\t422\t\\N\t\\N\tmapping\t422\tcost centre 8841 unknown\t", "\\N", "\\N")
		HOP(ORDER, "dead", "56310", "2", "dead-letter", "middleware",
			"\\N\t422\t\\N\t\\N\tmapping\t422\tcost centre 8841 unknown\t", "\\N", "\\N"));
	script_answer(script, "transaction", HEAD
		"18\tpo-out\tOrders to suppliers\tOdoo\tGHX\tinternal\tana.ruiz\twiki/po-out\tPO-00317\t"
		"7f3a91c2-50de-4b1c-9a0e-6f2f3c0b7e11\tREQ-20917\tPO-2026-03-00317\tpurchase order\tH01\tGHX\t"
		"REF1\tghx-12\tdead\t\\N\t2\t1773479644100000\t1773479656310000\t\\N\tf\t9\t2\tmapping\t422\t"
		"cost centre 8841 unknown\topen\t\\N\t\\N\t0\tcost centre # unknown\t\\N\t0\t\\N\n");
	script_answer(script, "transaction-payloads", PAYLOADS
		"k56101\t1773479656101000\tattempted\t2\toutbound\tapplication/json\t\\N\t"
		"{\"order\":\"P00317\",\"facility\":\"H01\",\"cost_centre\":\"8841\",\"buyer\":\"•••\","
		"\"lines\":[{\"item\":\"20417\",\"quantity\":40,\"price\":12.5}],\"total\":500.0}"
		"\t1250\tmasked\t\\N\n");
}

/* clang-format on */

/* What surrounds the view is as in the console. */
static const struct {
	int number;
	const struct view_ops *ops;
} tabs[] = {
#define VIEW(id, name, tab, help) {tab, &view_##name},
	VIEWS(VIEW)
#undef VIEW
};

/* The words are the console's, the keys those of the keymap. */
static const struct {
	enum action action;
	const char *word;
} hints[] = {{ACTION_FOLLOW, "follow"}, {ACTION_PANE, "other half"}, {ACTION_SHOW_EVENT, "event"},
	{ACTION_SHOW_FACTS, "facts"}, {ACTION_SHOW_CHANGES, "changes"}, {ACTION_REVEAL, "reveal"},
	{ACTION_FAIL_PREVIOUS, "failure before"}, {ACTION_SAME_NEXT, "same correlation"},
	{ACTION_HELP, "help"}, {ACTION_QUIT, "quit"}, {ACTION_VIEW_NEXT, "next view"},
	{ACTION_REFRESH, "refresh"}};

static size_t add_hints(struct viewbench *bench, struct arena *arena, struct slice *ret)
{
	enum context context = bench->view->ops->context;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(hints); i++) {
		CLEANUP(str_done)
		struct str key = STR_INIT(64);

		if (!context_within(context, action_info(hints[i].action)->context))
			continue;
		keymap_key_of(bench->keymap, context, hints[i].action, &key);
		ret[n++] = arena_dup(arena, str_slice(&key));
		ret[n++] = slice_of(hints[i].word);
	}
	return n;
}

struct picture {
	const char *name, *title;
	const struct view_ops *ops;
	void (*script)(struct script *script);
	const char *keys;
	const char *palette; /* typed into it; NULL: not open */
};

static const struct picture pictures[] = {
	{"overview", "The overview: interfaces, worst first", &view_overview, overview_rows, "",
		NULL},
	{"tail", "The tail, held still on a dead letter", &view_tail, tail_rows, "k k k", NULL},
	{"transaction", "A transaction: all legs, and the payload of the hop that failed",
		&view_transaction, transaction_rows, "k", NULL},
	{"palette", "The palette over the overview", &view_overview, overview_rows, "j", "view"},
	{"help", "The keys that work in the tail", &view_help, NULL, "", NULL},
};

static void wear_dark(struct viewbench *bench)
{
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;
	struct slice text;

	assert_true(default_theme(SLICE("dark"), &text));
	theme_parse(bench->theme, "dark", text, default_theme, &problems);
	assert_int_equal(problems.n, 0);
}

static void draw_palette(struct viewbench *bench, const char *typed, const struct canvas *screen)
{
	struct palette palette;
	enum action action;

	palette_open(&palette, bench->keymap, &bench->env.actor, bench->view->ops->context);
	for (; *typed; typed++)
		palette_input(&palette,
			&(struct input){.kind = INPUT_KEY, .key.code = (uint32_t)*typed}, &action);
	palette_draw(&palette, screen);
	palette_done(&palette);
}

static void draw(struct viewbench *bench, const struct picture *picture, struct surface *surface)
{
	struct canvas screen = canvas_of(surface, bench->theme, 1 << 24, false);
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	struct slice texts[2 * ARRAY_LEN(hints)];
	struct frame_tab shown[ARRAY_LEN(tabs)];
	size_t n_shown = 0;
	struct frame frame = viewbench_frame(bench, NULL);

	for (size_t i = 0; i < ARRAY_LEN(tabs); i++)
		if (tabs[i].number)
			shown[n_shown++] = (struct frame_tab){.number = tabs[i].number,
				.title = tabs[i].ops->title,
				.active = tabs[i].ops == bench->view->ops,
				.waits = tabs[i].ops == &view_dead ? 22 : 0};
	frame.environment = SLICE("PROD");
	frame.environment_role = ROLE_BANNER_PROD;
	frame.store = SLICE("store ok   workers 3/3");
	frame.tabs = shown;
	frame.n_tabs = n_shown;
	frame.hints = texts;
	frame.n_hints = add_hints(bench, &arena, texts);
	surface_clear(surface, theme_style(bench->theme, ROLE_TEXT, 1 << 24, (struct style){0}));
	viewbench_draw(bench, &screen, &frame);
	if (picture->palette)
		draw_palette(bench, picture->palette, &screen);
}

static int make(const struct picture *picture, const char *folder)
{
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(WIDTH, HEIGHT);
	CLEANUP(str_done)
	struct str svg = STR_INIT(4 << 20), path = STR_INIT(4096);
	struct picture_look look = {0xe4e4e4, 0x1c1c1c, picture->title};
	struct viewbench bench;
	FILE *file;

	viewbench_open(&bench, picture->ops, picture->script);
	wear_dark(&bench);
	if (picture->ops == &view_help) {
		bench.env.behind = CONTEXT_TAIL;
		picture->ops->show(bench.view, true);
	}
	if (picture->ops == &view_transaction)
		picture->ops->aim(bench.view, SLICE("18"));
	viewbench_settle(&bench);
	viewbench_press(&bench, picture->keys);
	draw(&bench, picture, surface);
	viewbench_close(&bench);
	picture_svg(surface, &look, &svg);
	str_addf(&path, "%s/%s.svg", folder, picture->name);
	file = fopen(str_cstr(&path), "we");
	if (!file || fwrite(svg.at, 1, svg.len, file) != svg.len || fclose(file) != 0) {
		fprintf(stderr, "%s: %s\n", str_cstr(&path), strerror(errno));
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	if (argc != 2) {
		fputs("usage: tests/views/pictures FOLDER\n", stderr);
		return 2;
	}
	for (size_t i = 0; i < ARRAY_LEN(pictures); i++)
		failed |= make(&pictures[i], argv[1]);
	return failed;
}
