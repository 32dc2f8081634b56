/* Answers for the views of triage: their columns, and rows that look like a morning's work. */
#ifndef TESTS_VIEWS_TRIAGE_ROWS_H
#define TESTS_VIEWS_TRIAGE_ROWS_H

#define GROUP_HEAD                                                                                 \
	"id:int\tkey:text\tinterface:text\tclass:text\tsignature:text\tunresolved:int\t"           \
	"unowned:int\ttotal:int\tfailed_again:int\tfirst_at:time\tlast_at:time\toldest_at:time\t"  \
	"owner:text\tsnoozed_until:time\treopened:int\tseen:int\ttrend:text\tnote:text\n"
#define GROUP_A                                                                                    \
	"7\t7\tpo-out\tmapping\tcost centre # unknown\t17\t4\t21\t2\t1773394200000000\t"           \
	"1773480000000000\t1773469080000000\t\\N\t\\N\t1\t90\t23:1 5:3 2:9 0:4\tmaster data asked\n"
#define GROUP_A_GREW                                                                               \
	"7\t7\tpo-out\tmapping\tcost centre # unknown\t20\t7\t24\t2\t1773394200000000\t"           \
	"1773480000000000\t1773469080000000\t\\N\t\\N\t1\t93\t23:1 5:3 2:9 0:7\tmaster data asked\n"
#define GROUP_B                                                                                    \
	"9\t9\tlab-orders\ttimeout\tno answer in # s\t3\t0\t3\t0\t1773476000000000\t"              \
	"1773479000000000\t1773476000000000\tAna Ruiz\t1773500000000000\t0\t55\t1:3\t\\N\n"

#define AGES                                                                                       \
	"unresolved:int\tunowned:int\thour:int\tfour:int\tday:int\tweek:int\tolder:int\n"          \
	"20\t4\t4\t12\t3\t1\t0\n"

#define MEMBER_HEAD                                                                                \
	"place:text\tid:int\tkey:text\tnr:int\tinterface:text\tfacility:text\tstate:text\tat:time\t" \
	"owner:text\tsnoozed_until:time\tfailed_again:int\tsame_again:int\tordering_key:text\t"    \
	"why:text\tclass:text\ttext:text\tmessage_id:text\tcorrelation:text\tbusiness_key:text\t"  \
	"replayed_as:int\tnote:text\n"
#define MEMBER(id, state, owner, key)                                                              \
	"1773469080 " id "\t" id "\t" id "\t80\tpo-out\tH01\t" state "\t1773469080000000\t" owner   \
	"\t\\N\t1\t0\tGHX\t\\N\tmapping\tcost centre 8841 unknown\tm-" id "\t7f3a\t" key          \
	"\t\\N\tasked the buyer\n"
#define MEMBERS                                                                                    \
	MEMBER_HEAD MEMBER("301", "open", "\\N", "PO-2026-00317")                                  \
	MEMBER("302", "owned", "Ana Ruiz", "PO-2026-00318")                                        \
	MEMBER("303", "quarantined", "\\N", "PO-2026-00322")

#define OUTCOME "ok:bool\tmessage:text\tid:int\tn:int\tleft:int\trefused:text\n"

#define REQUEST_HEAD                                                                               \
	"id:int\tkey:text\tstate:text\twhy:text\tasker:text\tmine:bool\tturn:bool\tasked_at:time\t" \
	"reason:text\tinterfaces:text\tpolicy:text\tneeded:int\tapprovals:int\tgiven:text\t"       \
	"revision:int\tedited:bool\titems:int\tprogress:text\tsettled:int\tbad:int\tfinal:int\t"   \
	"in_doubt:int\theld:int\tstage:int\tstages:int\tstage_items:int\tstage_settled:int\t"       \
	"stage_bad:int\tstop_ppm:int\tstarted_at:time\tchanged_at:time\trate_per_s:real\t"        \
	"expires_at:time\treview_due:time\treviewed_at:time\tfresh:int\n"
#define REQUEST_ASKED                                                                              \
	"12\t12\tasked\t\\N\tAna Ruiz\tf\tt\t1773480300000000\tmaster data is fixed\tpo-out\tone\t" \
	"1\t0\t0/1\t1\tf\t17\t0/17\t0\t0\t0\t0\t0\t1\t3\t1\t0\t0\t200000\t\\N\t\\N\t\\N\t1773567000000000\t"  \
	"\\N\t\\N\t0\n"
#define REQUEST_RUNNING                                                                            \
	"11\t11\trunning\t\\N\tLi Wei\tf\tf\t1773477000000000\tthe lab is back\tlab-orders\ttwo\t" \
	"2\t2\t2/2\t1\tt\t40\t11/40\t13\t1\t11\t1\t1\t2\t3\t10\t7\t1\t200000\t1773477100000000\t"        \
	"1773477100000000\t5\t1773560000000000\t\\N\t\\N\t3\n"
#define REQUESTS REQUEST_HEAD REQUEST_ASKED REQUEST_RUNNING

#define ITEM_HEAD                                                                                  \
	"place:text\tkey:text\tnr:int\titem:int\tstage:int\tdead_letter:int\tinterface:text\t"     \
	"message_id:text\tbusiness_key:text\tordering_key:text\tstate:text\tbehind:int\t"          \
	"outcome:text\tclass:text\tcode:text\ttext:text\thttp_status:int\tclaims:int\tsends:int\t" \
	"worker:text\tsending_at:time\tsettled_at:time\treplayed_as:int\tidempotency_key:text\t"   \
	"digest:text\tedited:bool\n"
#define ITEM(nr, key, state, outcome, text)                                                        \
	nr "\t30" nr "\t" nr "\t70" nr "\t1\t30" nr "\tpo-out\tm-" nr "\t" key "\tGHX\t" state      \
	"\t\\N\t" outcome "\tmapping\t422\t" text "\t422\t1\t1\tworker-1\t1773480000000000\t"      \
	"1773480100000000\t\\N\torderly-7f3a\t00ffee\tf\n"
#define ITEMS                                                                                      \
	ITEM_HEAD ITEM("1", "PO-2026-00317", "delivered", "delivered", "\\N")                      \
	ITEM("2", "PO-2026-00318", "in_doubt", "lost", "no answer") ITEM("3", "PO-2026-00322",     \
		"held", "\\N", "\\N")

#define DECISION_HEAD "approver:text\tverdict:text\tat:time\treason:text\trevision:int\n"
#define DECISIONS DECISION_HEAD "Bo Lind\tapproved\t1773480500000000\tseen\t1\n"

#define DOUBT_HEAD                                                                                 \
	"key:text\titem:int\trequest:int\tasker:text\tdead_letter:int\tinterface:text\t"           \
	"message_id:text\tbusiness_key:text\tordering_key:text\tstate:text\tbehind:int\t"          \
	"outcome:text\tclass:text\tcode:text\ttext:text\thttp_status:int\tsends:int\tworker:text\t" \
	"sending_at:time\tidempotency_key:text\tdigest:text\tsaid:text\tsaid_at:time\t"            \
	"said_detail:text\tendpoint:text\n"
#define DOUBTS                                                                                     \
	DOUBT_HEAD "302\t702\t11\tLi Wei\t302\tlab-orders\tm-2\tLAB-77\tW3\tin_doubt\t\\N\tlost\t" \
		   "timeout\t\\N\tno answer\t\\N\t1\tworker-1\t1773480000000000\torderly-7f3a\t00ffee\t"    \
		   "absent\t1773480500000000\t\\N\tlab POST https://lab.example/orders\n"

#define VERDICTS "verdict:text\tn:int\neligible\t16\ndelivered\t1\n"

#define CHANGES                                                                                    \
	"code:text\tplace:text\tbefore:text\tafter:text\n"                                        \
	"done\t/lines/0/cost_centre\t\"8841\"\t\"8814\"\n"                                        \
	"done\t/note\t\\N\t\"mended\"\n"

#define DRY_HEAD                                                                                   \
	"key:text\tverdict:text\tref:int\tmay:bool\tinterface:text\tfacility:text\t"               \
	"business_key:text\tmessage_id:text\tordering_key:text\tat:time\ttext:text\n"
#define DRY(id, verdict, ref, may, key)                                                            \
	id "\t" verdict "\t" ref "\t" may "\tpo-out\tH01\t" key "\tm-" id                            \
	   "\tGHX\t1773469080000000\tcost centre 8841 unknown\n"
#define DRY_RUN                                                                                    \
	DRY_HEAD DRY("301", "eligible", "\\N", "t", "PO-2026-00317")                               \
	DRY("302", "behind", "301", "t", "PO-2026-00318")                                          \
	DRY("303", "pending", "11", "f", "PO-2026-00322")

#define FORECAST_HEAD "items:int\tpolicy:text\tneeded:int\temergency:bool\tapprovers:text\n"
#define FORECAST FORECAST_HEAD "2\tone\t1\tt\tBo Lind, Eva Sand\n"

#endif
