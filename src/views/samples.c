/* Payloads of invented people, one of each format.
 * What is hidden in them is the store's to say.
 * Called by the view of mask rules. */
#include "samples.h"
#include "base/mem.h"

static const struct sample samples[SAMPLES_N] = {
	{"JSON", "application/json",
		"{\"resourceType\": \"Patient\", \"id\": \"4711\", \"name\": [{\"family\": \"Sample\","
		" \"given\": [\"Maria\"]}], \"birthDate\": \"1961-03-14\", \"ssn\": \"999-12-3456\","
		" \"managingOrganization\": {\"reference\": \"Organization/H01\", \"display\":"
		" \"Sample Clinic\"}, \"employee\": \"E-1007\", \"iban\": \"DE00500105175407324931\","
		" \"phone\": \"+49 30 5550100\", \"amount\": 129.5}"},
	{"HL7", "application/hl7-v2",
		"MSH|^~\\&|LAB|H01|EHR|H01|20260314091402||ORU^R01|MSG0001|P|2.5\r"
		"PID|1||4711^^^H01^MR||Sample^Maria||19610314|F|||Main Street 1^^Sampletown^^10115\r"
		"OBR|1|A-1|B-1|GLU^Glucose|||20260314090000\r"
		"OBX|1|NM|GLU^Glucose||98|mg/dL|70-105|N|||F\r"},
	{"X12", "application/edi-x12",
		"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260314*0914*^*00501*"
		"000000001*0*T*:~GS*HC*SENDER*RECEIVER*20260314*0914*1*X*005010X222A1~ST*837*0001~"
		"NM1*IL*1*SAMPLE*MARIA****MI*W000000001~DMG*D8*19610314*F~CLM*4711*129.5***11:B:1~SE*5*0001~"
		"GE*1*1~IEA*1*000000001~"},
	{"XML", "application/xml",
		"<?xml version=\"1.0\"?><patient id=\"4711\"><name>Maria Sample</name><birth>1961-03-14</birth>"
		"<ssn>999-12-3456</ssn><ward code=\"H01-3\">Cardiology</ward></patient>"},
	{"CSV", "text/csv",
		"employee,name,iban,gross\nE-1007,Maria Sample,DE00500105175407324931,4100.00\n"
		"E-1008,Max Sample,DE00500105175407324932,3900.00\n"},
	{"text", "text/plain",
		"Patient 4711 not found, MRN 0004711, born 1961-03-14, card 4111 1111 1111 1111"},
};

const struct sample *sample_at(size_t at)
{
	return &samples[at % SAMPLES_N];
}

size_t sample_for(struct slice target, struct slice kind)
{
	if (!slice_eq_str(target, "payload") && !slice_eq_str(target, "locked"))
		return SAMPLES_N - 1;
	for (size_t i = 0; i < SAMPLES_N; i++)
		if (slice_eq_nocase(kind, slice_of(samples[i].name)))
			return i;
	return 0;
}
