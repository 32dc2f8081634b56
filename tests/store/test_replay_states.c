/* The states of replays: each function that changes one is called in every state, does there what the
 * table of states says, and in all others nothing; and no rule of the table is without its function. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

#define AS_SUPER N_WHO /* a duty, or a step of the machinery */

static PGconn *conn_of(struct people *people, enum who who)
{
	return who == AS_SUPER ? people->super : people->as[who];
}

/* "@" is the request, "$" the leases of its items. */
static char *filled(struct people *people, const char *sql, int64_t request)
{
	return pg_text(people->super,
		"select replace(replace($q$%s$q$, '@', '%lld'), '$', coalesce((select array_agg(lease)::text"
		" from orderly.replay_item where request = %lld), ''))",
		sql, (long long)request, (long long)request);
}

static void run(struct people *people, enum who who, const char *sql, int64_t request)
{
	char *all = filled(people, sql, request);

	pg_do(conn_of(people, who), "%s", all);
	free(all);
}

/* Out of the way of the checks and of the next. */
static void put_away(struct people *people, int64_t request)
{
	run(people, AS_SUPER,
		"update orderly.replay_item set state = 'cancelled', lease = null where request = @ and live;"
		"update orderly.replay_request set state = 'cancelled', started_at = null where id = @;"
		"update orderly.dead_letter set state = 'discarded' where unresolved and id in"
		" (select dead_letter from orderly.replay_item where request = @)",
		request);
}

/* ---- items ------------------------------------------------------------------------------------ */

#define ITEM_STATES "waiting,claimed,sending,in_doubt,held,delivered,failed,refused,cancelled"
#define TOLD(outcome)                                                                                 \
	"select orderly.complete_replay((select jsonb_agg(jsonb_build_object('lease', l, 'outcome', " \
	"'" outcome "')) from unnest('$'::uuid[]) l))"
#define EACH(call) "select count(" call ") from orderly.replay_item where request = @"
#define ANSWERED(answer)                                    \
	"select count(orderly.record_check(token, '" answer \
	"')) from orderly.claim_checks('states', 50)"
#define CHECKED                                                                                      \
	"insert into orderly.replay_check (dead_letter) select dead_letter from orderly.replay_item" \
	" where request = @"
#define GUARDED "update orderly.replay_item set guarded_at = now() where request = @;"
#define UNSENT "update orderly.replay_item set sends = 0 where request = @ and state = 'waiting';"
#define HELD_BY_GUARD                                                              \
	"update orderly.replay_item set outcome = 'present' where request = @ and" \
	" state = 'held'"
#define RAN_OUT "update orderly.replay_item set lease_until = now() where request = @"
#define CLAIM "select count(*) from orderly.claim_replays('states', 50)"
#define MARK "select orderly.mark_sending('$'::uuid[])"

struct way {
	const char *name, *interface;
	const char *moves; /* "act:state" of each state in which it does something */
	enum who who;
	const char *before; /* as the superuser */
	const char *call;
	bool later; /* of each ordering key a later one has arrived */
};

static const struct way ways[] = {
	{"claimed", "orders", "claim:waiting", WORKER, "", CLAIM, false},
	{"changed", "orders", "refuse:waiting", WORKER,
		"update orderly.payload set body = 'other' where transaction in"
		" (select dead_letter from orderly.replay_item where request = @)",
		CLAIM, false},
	{"overtaken", "orders", "hold:waiting", WORKER, "", CLAIM, true},
	{"marked", "orders", "send:claimed", WORKER, "", MARK, false},
	{"markpaused", "orders", "give_back:claimed", WORKER,
		"update orderly.replay_request set state = 'paused' where id = @", MARK, false},
	{"delivered", "orders", "delivered:sending delivered:in_doubt", WORKER, "",
		TOLD("delivered"), false},
	{"present", "orders", "present:claimed present:sending present:in_doubt", WORKER, "",
		TOLD("present"), false},
	{"failed", "orders", "failed:claimed failed:sending failed:in_doubt", WORKER, "",
		TOLD("failed"), false},
	{"notsent", "orders", "not_sent:claimed not_sent:sending", WORKER, "", TOLD("not_sent"),
		false},
	{"indoubt", "orders", "in_doubt:sending", WORKER, "", TOLD("in_doubt"), false},
	{"indoubtB", "stock", "again:sending", WORKER, "", TOLD("in_doubt"), false},
	{"lateA", "orders", "give_back:claimed in_doubt:sending", AS_SUPER, RAN_OUT,
		"select orderly.duty_replay_leases(100)", false},
	{"lateB", "stock", "give_back:claimed again:sending", AS_SUPER, RAN_OUT,
		"select orderly.duty_replay_leases(100)", false},
	{"has", "orders", "present:in_doubt", WORKER, CHECKED, ANSWERED("present"), false},
	{"hasnot", "orders", "again:in_doubt", WORKER, CHECKED, ANSWERED("absent"), false},
	{"there", "orders", "there:waiting present:in_doubt", WORKER, GUARDED CHECKED,
		ANSWERED("present"), false},
	{"heldhas", "orders", "hold:waiting present:in_doubt", WORKER, GUARDED UNSENT CHECKED,
		ANSWERED("present"), false},
	{"helddoubt", "orders", "hold:waiting", WORKER, GUARDED CHECKED, ANSWERED("unknown"),
		false},
	{"nothere", "orders", "again:in_doubt", WORKER, GUARDED CHECKED, ANSWERED("absent"), false},
	{"seen", "orders", "there:held delivered:in_doubt", OPERATOR, HELD_BY_GUARD,
		EACH("orderly.replay_resolve(id, 'delivered', 'seen there')"), false},
	{"unknown", "orders", "", WORKER, CHECKED, ANSWERED("unknown"), false},
	{"arrived", "orders", "delivered:in_doubt", OPERATOR, "",
		EACH("orderly.replay_resolve(id, 'delivered', 'seen there')"), false},
	{"lost", "orders", "failed:in_doubt", OPERATOR, "",
		EACH("orderly.replay_resolve(id, 'failed', 'not there')"), false},
	{"again", "orders", "again:in_doubt", APPROVER, "",
		EACH("orderly.replay_resolve(id, 'again', 'not there')"), false},
	{"let", "orders", "release:held", APPROVER, "",
		EACH("orderly.replay_let(id, true, 'harmless')"), false},
	{"letout", "orders", "refuse:held", APPROVER, "",
		EACH("orderly.replay_let(id, false, 'too late')"), false},
	{"called", "orders", "cancel:waiting cancel:claimed cancel:held", OPERATOR, "",
		"select orderly.replay_cancel(@, 'no more')", false},
	{"swept", "orders", "cancel:waiting", AS_SUPER,
		"update orderly.replay_request set state = 'cancelled' where id = @",
		"select orderly.replay_sweep(@)", false},
};

/* A request that runs, with an item in each state, each of an ordering key of its own. */
static int64_t one_in_each_state(struct people *people, const struct way *way)
{
	char like[32];
	int64_t id;

	traffic_ingest(people,
		"select jsonb_agg(public.ev('%s', '%s' || i, k, now() - interval '1 hour', jsonb_build_object("
		" 'ordering_key', '%s' || i, 'class', 'target', 'text', 'states',"
		" 'payload', case k when 'received' then '{\"kind\": \"inbound\", \"body\": \"x\"}'::jsonb end))"
		" order by i) from generate_series(1, 9) i, unnest(array['received', 'dead']) k",
		way->interface, way->name, way->name);
	traffic_duty(people, "dead_letters");
	snprintf(like, sizeof(like), "%s_", way->name);
	id = traffic_approved(people, like, "{\"stages\": [], \"stop_ppm\": 1000000}");
	if (way->later)
		traffic_ingest(people,
			"select jsonb_agg(public.ev('%s', '%s later' || i, 'delivered', now(),"
			" jsonb_build_object('ordering_key', '%s' || i))) from generate_series(1, 9) i",
			way->interface, way->name, way->name);
	run(people, AS_SUPER,
		"update orderly.replay_request set state = 'running', started_at = now() where id = @;"
		"update orderly.replay_item set state = (string_to_array('" ITEM_STATES
		"', ','))[nr],"
		" lease = gen_random_uuid(), lease_until = now() + interval '1 hour', sends = 1"
		" where request = @;"
		"update orderly.dead_letter l set state = case when i.state = 'in_doubt' then i.state"
		" when i.live then 'replaying' else 'open' end from orderly.replay_item i"
		" where i.request = @ and i.dead_letter = l.id",
		id);
	return id;
}

static void each_step_of_an_item_in_every_state(void **state)
{
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		const struct way *way = &ways[i];
		int64_t id = one_in_each_state(people, way);
		char *want, *is;

		run(people, AS_SUPER, *way->before ? way->before : "select", id);
		run(people, way->who, way->call, id);
		want = pg_text(people->super,
			"select string_agg(coalesce(r.becomes, s.state), ' ' order by s.nr)"
			" from string_to_table('" ITEM_STATES
			"', ',') with ordinality s (state, nr)"
			" left join orderly.act_rule r on r.machine = 'replay_item' and r.state = s.state"
			" and r.act || ':' || r.state = any (string_to_array('%s', ' '))",
			way->moves);
		is = pg_text(people->super,
			"select string_agg(state, ' ' order by nr) from orderly.replay_item where request = %lld",
			(long long)id);
		if (strcmp(want, is) != 0)
			fail_msg("%s: %s instead of %s", way->name, is, want);
		free(want);
		free(is);
		put_away(people, id);
	}
	traffic_check(people, "check_replays");
	traffic_check(people, "check_dead_letters");
}

static void no_rule_of_items_is_without_its_function(void **state)
{
	struct people *people = *state;
	CLEANUP(str_done)
	struct str moves = STR_INIT(4096);

	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		str_addf(&moves, "%s ", ways[i].moves);
	pg_expect_text(people->super, "",
		"select string_agg(act || ':' || state, ' ') from orderly.act_rule where machine ="
		" 'replay_item' and act || ':' || state <> all (string_to_array('%s', ' '))",
		str_cstr(&moves));
}

/* ---- requests --------------------------------------------------------------------------------- */

static const char *const request_states[] = {"asked", "approved", "running", "paused", "stopped",
	"done", "rejected", "expired", "cancelled"};

static const struct act {
	const char *act;
	enum who who;
	const char *before, *call;
} acts[] = {
	{"approve", APPROVER, "", "select orderly.replay_decide(@, 1, true, 1, null)"},
	{"reject", APPROVER, "", "select orderly.replay_decide(@, 1, false, 1, 'a reason')"},
	{"cancel", OPERATOR, "", "select orderly.replay_cancel(@, 'a reason')"},
	{"pause", OPERATOR, "", "select orderly.replay_pause(@, 'a reason')"},
	{"resume", OPERATOR, "", "select orderly.replay_resume(@, 'a reason')"},
	{"edit", OPERATOR, "",
		"select orderly.replay_edit((select id from orderly.replay_item where request = @),"
		" 'text/plain', 'other', 'a reason')"},
	{"expire", AS_SUPER, "update orderly.replay_request set expires_at = now() where id = @",
		"select orderly.duty_replay_expiry(100)"},
	{"start", AS_SUPER, "", "select orderly.replay_admit()"},
	{"stop", AS_SUPER,
		"update orderly.replay_request set asker_login = 'who left' where id = @",
		"select orderly.replay_admit()"},
	{"finish", AS_SUPER, "update orderly.replay_item set state = 'refused' where request = @",
		"select orderly.replay_progress(@)"},
};

/* Asked for and, where that matters, approved; then put into that state. */
static int64_t in_state(
	struct people *people, const struct act *act, const char *letter, const char *request_state)
{
	int64_t id = traffic_ask(people, letter, NULL);
	char sql[128];

	if (strcmp(act->act, "resume") == 0 || strcmp(act->act, "start") == 0)
		traffic_approve(people, id);
	if (strcmp(act->act, "edit") == 0)
		run(people, OPERATOR,
			"select orderly.reveal_ask((select dead_letter from orderly.replay_item"
			" where request = @), 'to edit it')",
			id);
	snprintf(sql, sizeof(sql), "update orderly.replay_request set state = '%s' where id = @",
		request_state);
	run(people, AS_SUPER, sql, id);
	return id;
}

static void each_act_on_a_request_in_every_state(void **state)
{
	struct people *people = *state;
	int n = 0;

	traffic_die(people, "orders", "request", ARRAY_LEN(acts) * ARRAY_LEN(request_states),
		"target", "request");
	for (size_t a = 0; a < ARRAY_LEN(acts); a++)
		for (size_t s = 0; s < ARRAY_LEN(request_states); s++) {
			char letter[32], *becomes;
			int64_t id;

			snprintf(letter, sizeof(letter), "request%d", ++n);
			id = in_state(people, &acts[a], letter, request_states[s]);
			run(people, AS_SUPER, *acts[a].before ? acts[a].before : "select", id);
			becomes = pg_text(people->super,
				"select coalesce((select becomes from orderly.act_rule where machine ="
				" 'replay_request' and act = '%s' and state = '%s'), '')",
				acts[a].act, request_states[s]);
			if (acts[a].who == AS_SUPER) {
				run(people, AS_SUPER, acts[a].call, id);
			} else {
				char *call = filled(people, acts[a].call + strlen("select "), id);

				pg_expect_code(conn_of(people, acts[a].who),
					*becomes ? "done" : "state", "%s", call);
				free(call);
			}
			pg_expect_text(people->super, *becomes ? becomes : request_states[s],
				"select state from orderly.replay_request where id = %lld",
				(long long)id);
			free(becomes);
			put_away(people, id);
		}
	traffic_check(people, "check_dead_letters");
}

static void no_rule_of_requests_is_without_its_function(void **state)
{
	struct people *people = *state;
	CLEANUP(str_done)
	struct str tried = STR_INIT(4096);

	for (size_t i = 0; i < ARRAY_LEN(acts); i++)
		str_addf(&tried, "%s ", acts[i].act);
	pg_expect_text(people->super, "",
		"select string_agg(distinct act, ' ') from orderly.act_rule where machine ="
		" 'replay_request' and act <> all (string_to_array('%s', ' '))",
		str_cstr(&tried));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_of_an_item_in_every_state),
		cmocka_unit_test(no_rule_of_items_is_without_its_function),
		cmocka_unit_test(each_act_on_a_request_in_every_state),
		cmocka_unit_test(no_rule_of_requests_is_without_its_function),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/replay_states", tests, traffic_setup, people_teardown);
}
