/* The table of acts: who may, what is asked first, and how both are said. */
#include "../lib/unit.h"
#include "ui/action.h"
#include <ctype.h>

static void who_may_not_is_told_why(void **state)
{
	static const struct {
		enum who who;
		struct actor actor;
		const char *why; /* NULL: may */
	} rows[] = {
		{WHO_ANYONE, {true, {"", 0}, true}, NULL},
		{WHO_OPERATOR, {true, {"operator", 8}, false}, NULL},
		{WHO_OPERATOR, {true, {"support operator", 16}, false}, NULL},
		{WHO_OPERATOR, {false, {"", 0}, false},
			NULL}, /* not known yet: the store decides */
		{WHO_OPERATOR, {true, {"", 0}, false}, "act is for operator; you have no role"},
		{WHO_OPERATOR, {true, {"support", 7}, false},
			"act is for operator; you are support"},
		{WHO_OPERATOR, {true, {"operators", 9}, false},
			"act is for operator; you are operators"},
		{WHO_SUPPORT, {true, {"admin security", 14}, false},
			"act is for support, operator or approver; you are admin security"},
		{WHO_STEERER, {true, {"approver", 8}, false}, NULL},
		{WHO_STEERER, {true, {"support", 7}, false},
			"act is for operator or approver; you are support"},
		{WHO_OPERATOR, {true, {"operator", 8}, true}, "act: this console is read-only"},
		{WHO_OPERATOR, {false, {"", 0}, true}, "act: this console is read-only"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct action_info info = {.name = "act", .who = rows[i].who};
		CLEANUP(str_done)
		struct str why = STR_INIT(256);

		assert_int_equal(action_refused(&info, &rows[i].actor, &why), rows[i].why != NULL);
		assert_string_equal(str_cstr(&why), rows[i].why ? rows[i].why : "");
	}
}

static void limits_are_said_in_words(void **state)
{
	static const struct {
		enum who who;
		enum asks asks;
		const char *text;
	} rows[] = {
		{WHO_ANYONE, ASKS_NOTHING, ""},
		{WHO_ANYONE, ASKS_CONFIRM, "asks first"},
		{WHO_OPERATOR, ASKS_NOTHING, "operator"},
		{WHO_STEERER, ASKS_COUNT, "operator or approver, asks for the number"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct action_info info = {.who = rows[i].who, .asks = rows[i].asks};
		CLEANUP(str_done)
		struct str text = STR_INIT(256);

		action_limits(&info, &text);
		assert_string_equal(str_cstr(&text), rows[i].text);
	}
}

static void every_act_has_a_name_to_type_and_a_help_to_read(void **state)
{
	(void)state;
	for (size_t i = 1; i < ACTION_N; i++) {
		const struct action_info *info = action_info((enum action)i);
		enum action found;

		assert_int_equal(action_find(slice_of(info->name), &found, NULL), 0);
		assert_int_equal(found, i); /* no other has the name */
		for (const char *c = info->name; *c; c++)
			assert_true(
				islower((unsigned char)*c) || *c == '-' || (c[-1] == '-' && !c[1]));
		assert_true(isupper((unsigned char)info->help[0]));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_may_not_is_told_why),
		cmocka_unit_test(limits_are_said_in_words),
		cmocka_unit_test(every_act_has_a_name_to_type_and_a_help_to_read),
	};

	return RUN(tests);
}
