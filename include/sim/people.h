/* The demo's people, one or more for each role. Invented, all of them; the logins are theirs. */
#ifndef SIM_PEOPLE_H
#define SIM_PEOPLE_H

/* PERSON(login, name, role, interfaces, facilities, classes): globs and data classes of the scope,
 * as the text of PostgreSQL arrays. The first of a role is whom `--as ROLE` means. */
#define SIM_PEOPLE(PERSON)                                                                        \
	PERSON("ana.ruiz", "Ana Ruiz", "operator", "{*}", "{*}",                                  \
		"{public,internal,confidential,phi}")                                             \
	PERSON("ben.okafor", "Ben Okafor", "operator", "{*}", "{*}",                              \
		"{public,internal,confidential,phi}")                                             \
	PERSON("chiara.weiss", "Chiara Weiss", "approver", "{*}", "{*}",                          \
		"{public,internal,confidential,phi}")                                             \
	PERSON("david.nkemelu", "David Nkemelu", "approver", "{*}", "{*}",                        \
		"{public,internal,confidential}")                                                 \
	PERSON("emi.tanaka", "Emi Tanaka", "support", "{*}", "{*}",                               \
		"{public,internal,confidential}")                                                 \
	PERSON("farid.haddad", "Farid Haddad", "support", "{lab-*,adt-*,ref-*,order-*}", "{H0*}", \
		"{public,internal,confidential,phi}")                                             \
	PERSON("greta.lund", "Greta Lund", "security", "{*}", "{*}", "{public,internal}")         \
	PERSON("hugo.marchetti", "Hugo Marchetti", "admin", "{*}", "{*}",                         \
		"{public,internal,confidential}")

#endif
