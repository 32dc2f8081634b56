/* Probes: how they look, hostile names included, and that the story is that of the row under the cursor. */
#include "base/mem.h"
#include "unit.h"
#include "viewbench.h"
#include "views/views.h"
#include <string.h>

#define HEAD                                                                                               \
	"id:int\tkey:text\tstate:text\tprobe:text\tkind:text\tsystem:text\tstatus:text\tlatency_ms:real\t" \
	"since:time\tat:time\tcert_expires:time\tqueues:int\twaiting:int\tmessage:text\turl:text\towner:text\n"
#define ROWS                                                                                          \
	"2\t2\tfailing\tghx\thttp\tghx\ttimeout\t10002\t1773478000000000\t1773480000000000\t"         \
	"1773990000000000\t0\t0\tno answer in time\thttps://ghx.example/health\tsupply desk\n"        \
	"1\t1\tok\tbroker\trabbitmq\tbroker\tok 200\t12.4\t1773400000000000\t1773480000000000\t\\N\t" \
	"41\t3180\t\\N\thttps://mq.example\tintegration desk\n"
#define STORY                                                                           \
	"at:time\twords:text\n"                                                         \
	"\\N\tthe broker of the wards: rabbitmq https://mq.example\n"                   \
	"\\N\tdead-letter queue orders.dlq: 12 messages, 0 on their way, 0 consumers\n" \
	"\\N\tqueue \x1b[31mred\xe2\x80\xae: 3 messages, 1 on their way, 1 consumers\n" \
	"1773480000000000\tok 200 (240 times since 03-13 09:30Z) in 12 ms\n"

static void full(struct script *script)
{
	script_answer(script, "probes", HEAD ROWS);
	script_answer(script, "story", STORY);
}

static void they_look_as_they_should(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_probes, full);
	viewbench_press(&bench, "j");
	viewbench_settle(&bench);
	viewbench_golden(&bench, "probes");
	viewbench_inert(&bench, (struct look){120, 40, 256, false, false}, "probes");
	assert_string_equal(script_param(bench.script, "story", 0), "probe");
	assert_string_equal(script_param(bench.script, "story", 1), "1");
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_look_as_they_should),
	};

	return cmocka_run_group_tests_name("views/probes", tests, NULL, NULL);
}
