/* orderly.conf: what holds, what is said about a wrong line, and that no password gets in. */
#include "../lib/unit.h"
#include "base/clock.h"
#include "model/profile.h"
#include <errno.h>

struct reading {
	struct profiles *profiles;
	struct str told;
	int result;
};

static void reading_done(struct reading *reading)
{
	profiles_free(reading->profiles);
	str_done(&reading->told);
}

static struct reading read_conf(const char *text)
{
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;
	struct reading reading = {.profiles = profiles_new(), .told = STR_INIT(10000)};

	reading.result = profiles_parse(reading.profiles, "o.conf", slice_of(text), &problems);
	for (size_t i = 0; i < problems.n; i++)
		str_addf(&reading.told, "%s\n", problems.texts[i]);
	return reading;
}

static const struct profile *named(const struct reading *reading, const char *name)
{
	const struct profile *profile = NULL;
	struct err err = ERR_INIT;

	if (profiles_find(reading->profiles, name, &profile, &err) < 0)
		fail_msg("%s", err.text);
	return profile;
}

static const char *const full =
	"format 1\n"
	"[settings]\n"
	"profile    = staging\n"
	"theme      = dark\n"
	"idle-lock  = 5m\n"
	"\n"
	"[prod]\n"
	"environment = PROD            # loud\n"
	"environment-colour = prod\n"
	"store       = host=a,b port=5432,5433 dbname=orderly application_name='the console'\n"
	"password-command = pass show \"orderly/prod x\"\n"
	"odoo-url    = https://odoo.example\n"
	"odoo-db     = erp\n"
	"odoo-login  = ana\n"
	"odoo-key-file = ~/.config/orderly/key\n"
	"read-only   = yes\n"
	"time-zone   = Europe/Madrid\n"
	"keymap      = \"my keys.keys\"\n"
	"lines       = ascii\n"
	"log-file    = /tmp/a b.log\n"
	"[staging : prod]\n"
	"store       = postgresql://ana@stage.example:5432/orderly?sslmode=verify-full\n"
	"idle-lock   = never\n"
	"theme       = light\n";

static void a_whole_file_is_read(void **state)
{
	CLEANUP(reading_done)
	struct reading reading = read_conf(full);
	const struct profile *prod = named(&reading, "prod");

	(void)state;
	assert_string_equal(str_cstr(&reading.told), "");
	assert_int_equal(profiles_count(reading.profiles), 2);
	assert_string_equal(profile_text(prod, SETTING_ENVIRONMENT), "PROD");
	assert_string_equal(profile_text(prod, SETTING_STORE),
		"host=a,b port=5432,5433 dbname=orderly application_name='the console'");
	assert_string_equal(profile_text(prod, SETTING_TIME_ZONE), "Europe/Madrid");
	assert_string_equal(profile_text(prod, SETTING_KEYMAP), "my keys.keys");
	assert_string_equal(profile_text(prod, SETTING_LOG_FILE), "/tmp/a b.log");
	assert_string_equal(profile_text(prod, SETTING_THEME), "dark");
	assert_true(profile_bool(prod, SETTING_READ_ONLY));
	assert_false(profile_bool(prod, SETTING_MOUSE));
	assert_int_equal(profile_us(prod, SETTING_IDLE_LOCK), 300 * S_US);
	assert_string_equal(profile_password(prod).command, "pass show \"orderly/prod x\"");
	assert_null(profile_password(prod).file);
	assert_string_equal(profile_odoo_key(prod).file, "~/.config/orderly/key");
}

static void a_profile_takes_over_its_parents_but_not_its_banner(void **state)
{
	CLEANUP(reading_done)
	struct reading reading = read_conf(full);
	const struct profile *staging = named(&reading, NULL);

	(void)state;
	assert_string_equal(profile_name(staging), "staging");
	assert_string_equal(profile_text(staging, SETTING_ENVIRONMENT), "STAGING");
	assert_string_equal(profile_text(staging, SETTING_ENVIRONMENT_COLOUR), "plain");
	assert_string_equal(profile_text(staging, SETTING_ODOO_DB), "erp");
	assert_string_equal(profile_text(staging, SETTING_THEME), "light");
	assert_true(profile_bool(staging, SETTING_READ_ONLY));
	assert_int_equal(profile_us(staging, SETTING_IDLE_LOCK), 0);
}

/* Production's password is not offered to another host. */
static void a_secret_stays_with_its_place(void **state)
{
	CLEANUP(reading_done)
	struct reading reading = read_conf(full);
	CLEANUP(reading_done)
	struct reading other =
		read_conf("format 1\n[a]\nstore = host=a\npassword-file = f\n[b : a]\n"
			  "password-command = c\n[c : a]\nmouse = yes\n");

	(void)state;
	assert_null(profile_password(named(&reading, "staging")).command);
	assert_string_equal(
		profile_odoo_key(named(&reading, "staging")).file, "~/.config/orderly/key");
	assert_string_equal(profile_password(named(&other, "b")).command, "c");
	assert_null(profile_password(named(&other, "b")).file);
	assert_string_equal(profile_password(named(&other, "c")).file, "f");
}

static void without_a_file_the_defaults_hold(void **state)
{
	CLEANUP(profiles_freep)
	struct profiles *profiles = profiles_new();
	const struct profile *profile = NULL;

	(void)state;
	assert_int_equal(profiles_find(profiles, NULL, &profile, NULL), 0);
	assert_string_equal(profile_name(profile), "default");
	assert_string_equal(profile_text(profile, SETTING_STORE), "");
	assert_string_equal(profile_text(profile, SETTING_KEYMAP), "vim");
	assert_int_equal(profile_us(profile, SETTING_IDLE_LOCK), 900 * S_US);
	assert_false(profile_bool(profile, SETTING_READ_ONLY));
	assert_null(profile_password(profile).file);
	assert_int_equal(profiles_find(profiles, "default", &profile, NULL), 0);
	assert_int_equal(profiles_find(profiles, "prod", &profile, NULL), -EINVAL);
	profiles_free(NULL);
}

static void settings_count_for_all_wherever_they_stand(void **state)
{
	CLEANUP(reading_done)
	struct reading reading =
		read_conf("format 1\n[a]\n[settings]\nmouse = on\n[b]\nmouse = off\n");

	(void)state;
	assert_true(profile_bool(named(&reading, "a"), SETTING_MOUSE));
	assert_false(profile_bool(named(&reading, "b"), SETTING_MOUSE));
	assert_string_equal(profile_name(named(&reading, NULL)), "a");
}

static void a_wrong_line_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text, *told;
	} rows[] = {
		{"[a]\nthem = x\n",
			"o.conf:3: unknown setting \"them\"; did you mean \"theme\"?\n"},
		{"[a]\nzzzzz = x\n", "o.conf:3: unknown setting \"zzzzz\"\n"},
		{"theme = x\n", "o.conf:2: a setting stands in [settings] or in a profile\n"},
		{"[settings]\nstore = host=a\n", "o.conf:3: store belongs into a profile\n"},
		{"[a]\nprofile = a\n", "o.conf:3: profile belongs into [settings]\n"},
		{"[a]\nmouse = y\n", "o.conf:3: mouse: expected yes or no, not \"y\"\n"},
		{"[a]\nidle-lock = 5\n",
			"o.conf:3: idle-lock: expected a time like 250ms, 10s, 5m, 2h or 1d, not "
			"\"5\"\n"},
		{"[a]\nlines = acsii\n",
			"o.conf:3: lines: unknown way to draw lines \"acsii\"; did you mean "
			"\"ascii\"?\n"},
		{"[a]\nenvironment-colour = pord\n",
			"o.conf:3: environment-colour: unknown colour \"pord\"; did you mean "
			"\"prod\"?\n"},
		{"[a]\nlog-level = loud\n",
			"o.conf:3: log-level: expected debug, info, warn or error, not \"loud\"\n"},
		{"[a]\ntime-zone = ../x\n",
			"o.conf:3: time-zone: expected UTC, local or a name like Europe/Madrid, not "
			"\"../x\"\n"},
		{"[a]\nenvironment = two words\n",
			"o.conf:3: environment: expected a word of up to 16 letters, digits, - _ ., "
			"not \"two words\"\n"},
		{"[a]\ntheme = \"x\n", "o.conf:3: theme: the quotes are not closed\n"},
		{"[a]\ntheme = \"x\" y\n",
			"o.conf:3: theme: expected nothing behind the closing quotes\n"},
		{"[a]\npassword-command = sh -c \"x\n",
			"o.conf:3: password-command: the quotes are not closed\n"},
		{"[a]\ntheme = x\ntheme = y\n", "o.conf:4: theme is set twice; line 3 counts\n"},
		{"[a]\npassword-file = x\npassword-command = y\n",
			"o.conf:4: password-command is set beside password-file; line 3 counts\n"},
		{"[a]\n[a]\ntheme = x\n", "o.conf:3: profile a stands twice; the first counts\n"},
		{"[prod]\n[b : prdo]\n",
			"o.conf:3: unknown profile \"prdo\"; did you mean \"prod\"?\n"},
		{"[a b]\n",
			"o.conf:2: \"a b\" is no profile's name: up to 32 letters, digits, - _ .\n"},
		{"[settings : a]\n", "o.conf:2: [settings] has no parent\n"},
		{"[settings]\nprofile = prdo\n[prod]\n",
			"o.conf:3: unknown profile \"prdo\"; did you mean \"prod\"?\n"},
		{"[a]\nodoo-url = odoo.example\n",
			"o.conf:3: odoo-url: expected an address that begins with https://, not "
			"\"odoo.example\"\n"},
		{"[a]\nodoo-url = http://odoo.example\n",
			"o.conf:3: odoo-url: http:// is for this machine only; use https://\n"},
		{"[a]\nodoo-url = http://localhost.example\n",
			"o.conf:3: odoo-url: http:// is for this machine only; use https://\n"},
		{"[a]\nodoo-url = http://localhost:8069\n", ""},
		{"[a]\nodoo-url = https://u:p@odoo.example\n",
			"o.conf:3: odoo-url: a login does not belong into the address; use "
			"odoo-login and odoo-key-file or odoo-key-command\n"},
		{"[a]\npassword = s3cret\n",
			"o.conf:3: secrets do not stand in this file; use password-file, "
			"password-command, odoo-key-file or odoo-key-command\n"},
		{"[a]\ninherit b\n", "o.conf:3: a word statement does not belong here\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(1000);

		str_addf(&text, "format 1\n%s", rows[i].text);
		CLEANUP(reading_done)
		struct reading reading = read_conf(str_cstr(&text));
		assert_string_equal(str_cstr(&reading.told), rows[i].told);
		assert_int_equal(reading.result, 0);
	}
}

static void a_read_only_that_cannot_be_read_means_yes(void **state)
{
	CLEANUP(reading_done)
	struct reading reading =
		read_conf("format 1\n[settings]\nread-only = yse\n[a]\n[b]\nread-only = no\n"
			  "[c : b]\nread-only = 0\n");

	(void)state;
	assert_true(profile_bool(named(&reading, "a"), SETTING_READ_ONLY));
	assert_false(profile_bool(named(&reading, "b"), SETTING_READ_ONLY));
	assert_true(profile_bool(named(&reading, "c"), SETTING_READ_ONLY));
}

static void a_profile_with_a_wrong_place_is_not_used(void **state)
{
	CLEANUP(reading_done)
	struct reading reading = read_conf(
		"format 1\n[a]\nstore = nonsense\n[b : a]\n[c]\nodoo-url = ftp://x\n[d]\n");
	const struct profile *profile = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(profiles_find(reading.profiles, NULL, &profile, &err), -EINVAL);
	assert_string_equal(err.text, "profile a is not used: its store is wrong, see o.conf:3");
	assert_int_equal(profiles_find(reading.profiles, "b", &profile, &err), -EINVAL);
	assert_int_equal(profiles_find(reading.profiles, "c", &profile, &err), -EINVAL);
	assert_string_equal(err.text, "profile c is not used: its odoo-url is wrong, see o.conf:6");
	assert_int_equal(profiles_find(reading.profiles, "d", &profile, &err), 0);
	assert_int_equal(profiles_find(reading.profiles, "dd", &profile, &err), -EINVAL);
	assert_string_equal(err.text, "unknown profile \"dd\"; did you mean \"d\"?");
}

static void a_file_of_another_format_is_not_read(void **state)
{
	CLEANUP(reading_done)
	struct reading reading = read_conf("format 2\n[a]\n");

	(void)state;
	assert_int_equal(reading.result, -EINVAL);
	assert_non_null(strstr(str_cstr(&reading.told), "newer than this program"));
}

enum verdict { FINE, PASSWORD, NONSENSE };

static void a_password_in_the_stores_text_is_refused(void **state)
{
	static const struct {
		const char *text;
		enum verdict verdict;
	} rows[] = {
		{"", FINE},
		{"service=prod", FINE},
		{"host = a dbname = 'x y' user='o\\'hara'", FINE},
		{"host=/run/pg passfile=/x/.pgpass sslmode=verify-full", FINE},
		{"user=password", FINE},
		{"application_name='password=x'", FINE},
		{"options='-c a=b'", FINE},
		{"host=a\\ password=x", FINE},
		{"password=s3cret", PASSWORD},
		{"host=a password = s3cret", PASSWORD},
		{"host='a' PASSWORD='x'", PASSWORD},
		{"host=a\tpassword=x", PASSWORD},
		{"host= password=x", FINE}, /* libpq reads the host "password=x" */
		{"sslkey=k sslpassword=x", PASSWORD},
		{"password", PASSWORD},
		{"host", NONSENSE},
		{"=a", NONSENSE},
		{"host=a b", NONSENSE},
		{"host='open", NONSENSE},
		{"host='open\\'", NONSENSE},
		{"postgresql://", FINE},
		{"postgres://host/db", FINE},
		{"postgresql://user@host:5432,other:5433/db?sslmode=require", FINE},
		{"postgresql://host/db?application_name=a:b@c", FINE},
		{"postgresql://%2Frun%2Fpg/db", FINE},
		{"postgresql://[::1]:5432/db", FINE},
		{"postgresql://user:s3cret@host/db", PASSWORD},
		{"postgresql://user:@host/db", PASSWORD},
		{"postgres://user:s@[::1]/db", PASSWORD},
		{"postgresql://host/db?password=x", PASSWORD},
		{"postgresql:///?sslmode=require&password=x", PASSWORD},
		{"postgresql:///?%70ass%77ord=x", PASSWORD},
		{"postgresql:///?sslpassword=x", PASSWORD},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = ERR_INIT;
		int r = conninfo_check(slice_of(rows[i].text), &err);
		bool told = strncmp(err.text, "a password does not belong", 26) == 0;

		if ((r < 0) != (rows[i].verdict != FINE) || told != (rows[i].verdict == PASSWORD))
			fail_msg("%s: %d %s", rows[i].text, r, err.text);
		assert_null(strstr(err.text, "s3cret"));
	}
}

static void each_setting_is_described_and_its_default_is_valid(void **state)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(20000), conf = STR_INIT(1000);

	(void)state;
	settings_describe(&text);
	for (int i = 0; i < SETTING_N; i++)
		assert_non_null(strstr(str_cstr(&text), setting_name((enum setting)i)));
	assert_non_null(
		strstr(str_cstr(&text), "idle-lock = a time like 10s, 5m or 2h, or never\n"));
	assert_non_null(strstr(str_cstr(&text), "In a profile or [settings]. Default: 15m.\n"));

	str_adds(&conf, "format 1\n[a]\n");
	CLEANUP(profiles_freep)
	struct profiles *profiles = profiles_new();
	for (int i = 0; i < SETTING_N; i++) {
		const char *value = profile_text(profiles_at(profiles, 0), (enum setting)i);

		if (value[0] && i != SETTING_PROFILE && i != SETTING_ENVIRONMENT)
			str_addf(&conf, "%s = %s\n", setting_name((enum setting)i), value);
	}
	CLEANUP(reading_done)
	struct reading reading = read_conf(str_cstr(&conf));
	assert_string_equal(str_cstr(&reading.told), "");
}

static void a_profile_may_name_several_odoos(void **state)
{
	CLEANUP(reading_done)
	struct reading reading = read_conf("format 1\n"
					   "[settings]\nca-file = /etc/ca.pem\n"
					   "[prod]\nodoo-url = https://a.example\nodoo-db = main\n"
					   "odoo-login = ana\nodoo-key-file = k\n"
					   "[prod/odoo-fin]\nodoo-db = finance\nodoo-key-file = f\n"
					   "[prod/odoo-hr]\nodoo-url = https://hr.example\n"
					   "[staging : prod]\nodoo-system = erp\n"
					   "[bare]\nstore = host=a\n");
	const struct profile *prod = named(&reading, "prod"), *fin, *hr;

	(void)state;
	assert_string_equal(str_cstr(&reading.told), "");
	assert_int_equal(profile_odoos(prod), 3);
	assert_string_equal(profile_odoo_name(profile_odoo(prod, 0)), "");
	assert_string_equal(profile_text(profile_odoo(prod, 0), SETTING_ODOO_DB), "main");
	fin = profile_odoo(prod, 1);
	assert_string_equal(profile_odoo_name(fin), "odoo-fin");
	assert_string_equal(profile_text(fin, SETTING_ODOO_URL), "https://a.example");
	assert_string_equal(profile_text(fin, SETTING_ODOO_DB), "finance");
	assert_string_equal(profile_text(fin, SETTING_ODOO_LOGIN), "ana");
	assert_string_equal(profile_text(fin, SETTING_CA_FILE), "/etc/ca.pem");
	assert_string_equal(profile_odoo_key(fin).file, "f");
	/* a key is of one database, and never goes to another */
	hr = profile_odoo(prod, 2);
	assert_string_equal(profile_text(hr, SETTING_ODOO_URL), "https://hr.example");
	assert_null(profile_odoo_key(hr).file);
	/* a child has its parent's own, and none of the further ones */
	assert_int_equal(profile_odoos(named(&reading, "staging")), 1);
	assert_string_equal(profile_odoo_name(profile_odoo(named(&reading, "staging"), 0)), "erp");
	assert_int_equal(profile_odoos(named(&reading, "bare")), 0);
}

static void what_is_wrong_with_an_odoo_is_told(void **state)
{
	static const struct {
		const char *text, *told;
	} rows[] = {
		{"[a/fin]\nodoo-db = x\n", "o.conf:2: unknown profile \"a\"\n"},
		{"[a]\n[a/]\n",
			"o.conf:3: a further Odoo is [a/the code of its system in the catalogue]\n"},
		{"[a]\n[a/b/c]\n",
			"o.conf:3: a further Odoo is [a/the code of its system in the catalogue]\n"},
		{"[a]\n[a/fin : a]\n",
			"o.conf:3: a further Odoo is [a/the code of its system in the catalogue]\n"},
		{"[a]\n[a/fin]\n[a/fin]\n",
			"o.conf:4: Odoo fin of a stands twice; the first counts\n"},
		{"[a]\n[a/fin]\nstore = host=a\n", "o.conf:4: store belongs into [a]\n"},
		{"[a]\n[a/fin]\nodoo-system = x\n", "o.conf:4: odoo-system belongs into [a]\n"},
	};
	const struct profile *profile = NULL;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(1000);
		CLEANUP(reading_done)
		struct reading reading;

		str_addf(&text, "format 1\n%s", rows[i].text);
		reading = read_conf(str_cstr(&text));
		assert_string_equal(str_cstr(&reading.told), rows[i].told);
	}
	/* a profile one of whose Odoos cannot be read is not used: it would ask another */
	CLEANUP(reading_done)
	struct reading wrong = read_conf("format 1\n[a]\n[a/fin]\nodoo-url = ftp://x\n");

	assert_int_equal(profiles_find(wrong.profiles, "a", &profile, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_file_is_read),
		cmocka_unit_test(a_profile_takes_over_its_parents_but_not_its_banner),
		cmocka_unit_test(a_secret_stays_with_its_place),
		cmocka_unit_test(without_a_file_the_defaults_hold),
		cmocka_unit_test(settings_count_for_all_wherever_they_stand),
		cmocka_unit_test(a_wrong_line_is_told_with_its_place),
		cmocka_unit_test(a_read_only_that_cannot_be_read_means_yes),
		cmocka_unit_test(a_profile_with_a_wrong_place_is_not_used),
		cmocka_unit_test(a_file_of_another_format_is_not_read),
		cmocka_unit_test(a_password_in_the_stores_text_is_refused),
		cmocka_unit_test(each_setting_is_described_and_its_default_is_valid),
		cmocka_unit_test(a_profile_may_name_several_odoos),
		cmocka_unit_test(what_is_wrong_with_an_odoo_is_told),
	};

	return RUN(tests);
}
