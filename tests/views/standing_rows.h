/* Rows of "overview", "standings" and what stands beside them, as the store would answer them at the
 * bench's time. A row is NOW or PROMISED, then STANDS, then QUIET or SILENCED. */
#ifndef TESTS_VIEWS_STANDING_ROWS_H
#define TESTS_VIEWS_STANDING_ROWS_H

#define STANDS_HEAD                                                                              \
	"why:text\twhy_at:time\tsince:time\tpaging:bool\tmeasure:text\tobjective_ppm:int\t"      \
	"bad:int\ttotal:int\tp95:real\tslow_ms:int\tsilenced_until:time\tsilenced_by:text\t"     \
	"silenced_why:text\tkept_at:time"
#define OVERVIEW_HEAD                                                                            \
	"interface:text\ttitle:text\tsource:text\ttarget:text\tstate:text\tqueue:int\t"          \
	"retrying:int\tdead:int\tunowned:int\toldest_dead:time\tin_per_min:real\t"               \
	"out_per_min:real\tlast_at:time\towner:text\ttier:int\tspark:text\tburn:int\t" STANDS_HEAD "\n"
#define STANDINGS_HEAD                                                                           \
	"interface:text\ttitle:text\ttarget:text\tstate:text\twindow_s:int\tbudget:int\t"        \
	"burn:text\tburn_short:text\tburning:text\tn_1h:int\tp50:real\tp99:real\tlast_at:time\t" \
	"cadence_s:int\tqueue:int\tages:text\toldest_dead:time\tbatch_at:time\towner:text\t"     \
	"tier:int\tsilence:int\tquiet_until:time\t" STANDS_HEAD "\n"

#define DOWN_HEAD                                                                                \
	"system:text\ttitle:text\tsince:time\tat:time\thow:text\tdetail:text\tbecause_of:text\t" \
	"owner:text\tvendor:text\tvendor_contact:text\tescalation:text\trunbook:text\tbelow:text\n"

#define SINCE "1773477000000000" /* an hour before the bench's time */
#define NEVER "\\N"

/* source, target, state, queue, retrying, dead, unowned, oldest, in, out, last, owner, tier, spark, burn */
#define NOW(code, title, from, to, state, queue, retry, dead, unowned, oldest, in, out, last, owner, tier, \
	spark, burn)                                                                                       \
	code "\t" title "\t" from "\t" to "\t" state "\t" queue "\t" retry "\t" dead "\t" unowned          \
	     "\t" oldest "\t" in "\t" out "\t" last "\t" owner "\t" tier "\t" spark "\t" burn "\t"
/* why, since when, paging, measure, objective, bad, total, p95, slow */
#define STANDS(why, why_at, paging, measure, ppm, bad, total, p95, slow)                         \
	why "\t" why_at "\t" SINCE "\t" paging "\t" measure "\t" ppm "\t" bad "\t" total "\t" p95 \
	    "\t" slow "\t"
#define WELL STANDS("\\N", NEVER, "f", "success", "995000", "12", "48000", "380", "2000")
#define QUIET "\\N\t\\N\t\\N\t1773480590000000\n"
#define SILENCED "1773487800000000\tAna Ruiz\tparts arrive at noon\t1773480590000000\n"

/* What the tests of widgets and frames need: an interface that is well but for its state. */
#define PLAIN(code, title, from, to, state, queue, retry, dead, oldest, rate, last, owner, tier, spark)  \
	NOW(code, title, from, to, state, queue, retry, dead, dead, oldest, rate, rate, last, owner, tier, \
		spark, "50")                                                                             \
	WELL QUIET

#endif
