/* The systems, facilities and partners of the simulated group.
 * Which interfaces lie between them is in estate_interfaces.c.
 * Read by the catalogue and the generators. */
#include "base/mem.h"
#include "estate.h"
#include <string.h>

/*	 code, title, kind, depends on, vendor, vendor's contact, escalation, owner */
static const struct sim_system systems[] = {
	{"odoo", "Odoo ERP", "odoo", "gateway", "Nordlicht Consulting",
		"+49 555 0100, support@nordlicht.example", "page erp-oncall, then ana.ruiz",
		"Ana Ruiz"},
	{"gateway", "API gateway", "gateway", "", "in house", "", "page integration-oncall",
		"Ben Okafor"},
	{"broker", "Message broker", "broker", "", "in house", "", "page integration-oncall",
		"Ben Okafor"},
	{"ehr", "Caretrail EHR", "ehr", "gateway", "Caretrail Inc.", "+1 555 0140, case portal",
		"page clinical-oncall", "Chiara Weiss"},
	{"lab", "Labora laboratory system", "laboratory", "broker", "Labora GmbH",
		"+49 555 0122, hotline@labora.example", "page clinical-oncall", "Farid Haddad"},
	{"imaging", "Lumen imaging", "imaging", "broker", "Lumen Medical", "+44 555 0177",
		"page clinical-oncall", "Farid Haddad"},
	{"pharmacy", "Apothek pharmacy system", "pharmacy", "broker", "Apothek Systems",
		"+31 555 0161", "page clinical-oncall", "Emi Tanaka"},
	{"eprocure", "Requisite e-procurement", "procurement", "gateway", "Requisite Ltd",
		"+353 555 0119, help@requisite.example", "supply-desk in office hours", "Ana Ruiz"},
	{"medx", "Medix supplier exchange", "supplier", "", "Medix Network",
		"+1 555 0199, noc@medix.example, contract 77-0412",
		"call the Medix NOC, then page supply-oncall", "Ana Ruiz"},
	{"wms", "Stockwell warehouse", "wms", "broker", "Stockwell", "+46 555 0133",
		"page supply-oncall", "Hugo Marchetti"},
	{"cabinets", "Smart cabinets", "wms", "gateway", "Cabin Care", "+45 555 0171",
		"supply-desk in office hours", "Hugo Marchetti"},
	{"eam", "Wrench maintenance", "eam", "gateway", "Wrench Software", "+33 555 0150",
		"facility-desk", "Hugo Marchetti"},
	{"contracts", "Contract management", "procurement", "files", "in house", "", "supply-desk",
		"Ana Ruiz"},
	{"mdm", "Master data hub", "middleware", "broker", "in house", "", "data-desk",
		"Ben Okafor"},
	{"billing", "Tarif patient billing", "finance", "gateway", "Tarif AG", "+41 555 0184",
		"page finance-oncall", "David Nkemelu"},
	{"payer", "Payer clearing house", "payer", "", "ClearPath Exchange",
		"+1 555 0111, edi@clearpath.example", "finance-desk", "David Nkemelu"},
	{"ledger", "Summa general ledger", "finance", "files", "Summa SE", "+49 555 0188",
		"page finance-oncall", "David Nkemelu"},
	{"bank", "House bank", "bank", "", "First Harbour Bank", "+44 555 0102, ebics desk",
		"finance-desk, treasury by phone", "David Nkemelu"},
	{"hr", "Peoplewell HR", "hr", "gateway", "Peoplewell", "+1 555 0165", "hr-desk",
		"Greta Lund"},
	{"payroll", "Lohn payroll", "payroll", "files", "Lohn & Partner", "+49 555 0190",
		"hr-desk, payroll manager by phone", "Greta Lund"},
	{"roster", "Roster scheduling", "scheduling", "gateway", "Roster BV", "+31 555 0113",
		"hr-desk", "Greta Lund"},
	{"identity", "Identity provider", "other", "", "in house", "", "page security-oncall",
		"Greta Lund"},
	{"portal", "Referral and booking portal", "scheduling", "gateway", "in house", "",
		"page clinical-oncall", "Chiara Weiss"},
	{"analytics", "Data warehouse", "analytics", "files", "in house", "", "data-desk",
		"Hugo Marchetti"},
	{"files", "File transfer", "files", "", "in house", "", "page integration-oncall",
		"Ben Okafor"},
	{"sensors", "Cold chain sensors", "other", "gateway", "Frostline", "+47 555 0120",
		"facility-desk", "Hugo Marchetti"},
	{"shop", "Supplier web shop", "supplier", "", "Verband & Co", "+49 555 0143", "supply-desk",
		"Ana Ruiz"},
	{"safety", "Product safety authority", "other", "", "public body", "recalls@safety.example",
		"supply-desk, patient safety", "Chiara Weiss"},
};

/* The warehouse is the last: it takes no part in what is about patients. */
static const struct sim_facility facilities[] = {
	{"H01", "Mercy North", "north", 30},
	{"H02", "Mercy Lakeside", "north", 22},
	{"H03", "Saint Orla", "east", 18},
	{"H04", "Riverbend General", "south", 14},
	{"C01", "Harbour Day Clinic", "south", 7},
	{"C02", "Oakfield Rehabilitation", "east", 5},
	{"W01", "Central warehouse", "north", 4},
};

static const struct sim_partner partners[] = {
	{"verband", "Verband & Co", "supplier", "orders@verband.example"},
	{"sterila", "Sterila Surgical", "supplier", "edi@sterila.example"},
	{"pharmont", "Pharmont Wholesale", "supplier", "edi@pharmont.example"},
	{"ortho-one", "Ortho One Implants", "supplier", "orders@ortho-one.example"},
	{"linenco", "Linen & Care", "supplier", "orders@linenco.example"},
	{"medigas", "Medigas", "supplier", "edi@medigas.example"},
	{"labora-ref", "Labora reference laboratory", "laboratory", "results@labora.example"},
	{"unity-health", "Unity Health plan", "payer", "edi@unity.example"},
	{"northcare", "Northcare insurance", "payer", "edi@northcare.example"},
	{"state-fund", "State health fund", "payer", "claims@statefund.example"},
	{"harbour-bank", "First Harbour Bank", "bank", "ebics@harbour.example"},
	{"swift-courier", "Swift Courier", "carrier", "api@swift.example"},
	{"family-docs", "Family doctors' network", "provider", "referrals@familydocs.example"},
	{"safety-auth", "Product safety authority", "authority", "recalls@safety.example"},
};

const struct sim_system *sim_systems(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(systems);
	return systems;
}

const struct sim_facility *sim_facilities(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(facilities);
	return facilities;
}

const struct sim_partner *sim_partners(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(partners);
	return partners;
}

const struct sim_system *sim_system_find(const char *code)
{
	for (size_t i = 0; i < ARRAY_LEN(systems); i++)
		if (strcmp(systems[i].code, code) == 0)
			return &systems[i];
	return NULL;
}
