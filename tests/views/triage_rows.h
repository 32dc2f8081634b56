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

#endif
