/* What HL7 version 2 calls its common segments and their fields.
 * A table; fields stand in their order, parted by '|'.
 * Called by the printer of that format. */
#include "base/mem.h"
#include "pretty_part.h"

static const struct {
	const char *code, *title, *fields;
} segments[] = {
	{"AIG", "General resource", "set id|action|resource|resource type|resource group|quantity"},
	{"AIL", "Location resource", "set id|action|location|location type|location group|start"},
	{"AIP", "Personnel resource", "set id|action|person|role|group|start"},
	{"AL1", "Allergy", "set id|type|allergen|severity|reaction|identified on"},
	{"BHS", "Batch header",
		"field separator|encoding characters|sending application|sending facility|"
		"receiving application|receiving facility|created|security|name|comment|control id"},
	{"BTS", "Batch trailer", "messages|comment|totals"},
	{"DG1", "Diagnosis",
		"set id|coding method|diagnosis|description|time|type|major category|group|"
		"approved|rejected|outlier type|outlier days|outlier cost|grouper|priority|clinician"},
	{"ERR", "Error",
		"code and location|location|HL7 error|severity|application error|parameter|"
		"diagnosis|message to the user"},
	{"EVN", "Event", "type|recorded|planned|reason|operator|occurred|facility"},
	{"FHS", "File header",
		"field separator|encoding characters|sending application|sending facility|"
		"receiving application|receiving facility|created|security|name|comment|control id"},
	{"FT1", "Financial transaction",
		"set id|id|batch|date|posting date|type|code|description|alternate description|"
		"quantity|extended amount|unit amount|department|health plan|insurance amount|location|"
		"fee schedule|patient type|diagnosis|performed by|ordered by|unit cost|filler number|"
		"entered by|procedure"},
	{"FTS", "File trailer", "batches|comment"},
	{"GT1", "Guarantor",
		"set id|number|name|spouse|address|home phone|business phone|born|sex|type|"
		"relationship|social security number|begin|end|priority|employer"},
	{"IN1", "Insurance",
		"set id|plan|company id|company|address|contact|phone|group number|group name|"
		"group employer id|group employer|plan begins|plan ends|authorization|plan type|"
		"insured|relationship|insured born|insured address|assignment|coordination|priority"},
	{"MRG", "Merge",
		"prior patient identifiers|prior alternate id|prior account|prior patient id|"
		"prior visit|prior alternate visit|prior name"},
	{"MSA", "Acknowledgement",
		"code|control id|text|expected sequence number|delayed type|error condition"},
	{"MSH", "Message header",
		"field separator|encoding characters|sending application|sending facility|"
		"receiving application|receiving facility|time|security|message type|control id|"
		"processing id|version|sequence number|continuation|accept acknowledgement|"
		"application acknowledgement|country|character set|language|alternate character set|"
		"profile"},
	{"NK1", "Next of kin",
		"set id|name|relationship|address|phone|business phone|role|begin|end|job title|"
		"job code|employee number|organisation"},
	{"NTE", "Note", "set id|source|comment|type"},
	{"OBR", "Observation request",
		"set id|placer order|filler order|service|priority|requested|observed|observation end|"
		"volume|collector|specimen action|danger|clinical information|specimen received|"
		"specimen source|ordering provider|callback phone|placer field 1|placer field 2|"
		"filler field 1|filler field 2|result reported|charge|section|result status|"
		"parent result|quantity and timing|copies to|parent|transport|reason|interpreter"},
	{"OBX", "Observation",
		"set id|value type|observation|sub id|value|units|reference range|abnormal flags|"
		"probability|nature of abnormal test|result status|range effective|user access|"
		"observed|producer|observer|method|equipment|analysed"},
	{"ORC", "Common order",
		"control|placer order|filler order|placer group|status|response|quantity and timing|"
		"parent|time|entered by|verified by|ordering provider|entered at|callback phone|"
		"effective|reason|organisation|device|action by"},
	{"PD1", "More of the patient",
		"living dependency|living arrangement|primary facility|primary care provider"},
	{"PID", "Patient",
		"set id|patient id|patient identifiers|alternate id|name|mother's maiden name|born|"
		"sex|alias|race|address|county|home phone|business phone|language|marital status|"
		"religion|account|social security number|driver's licence|mother's identifier|"
		"ethnic group|birth place|multiple birth|birth order|citizenship|veteran|nationality|"
		"died|death indicator"},
	{"PR1", "Procedure", "set id|coding method|procedure|description|time|type|minutes"},
	{"PV1", "Visit",
		"set id|class|location|admission type|preadmit number|prior location|"
		"attending doctor|referring doctor|consulting doctor|hospital service|"
		"temporary location|preadmit test|readmission|admit source|ambulatory status|vip|"
		"admitting doctor|patient type|visit number|financial class|charge price|courtesy|"
		"credit rating|contract code|contract effective|contract amount|contract period|"
		"interest|transfer to bad debt|bad debt date|bad debt agency|bad debt amount|"
		"recovered|account deleted|deleted on|discharge disposition|discharged to|diet|"
		"servicing facility|bed status|account status|pending location|prior temporary|"
		"admitted|discharged"},
	{"PV2", "More of the visit",
		"prior pending location|accommodation|admit reason|transfer reason|valuables|"
		"valuables location|user code|expected admit|expected discharge|"
		"estimated days|actual days|description"},
	{"QPD", "Query parameters", "query|tag|parameters"},
	{"QRD", "Query definition",
		"time|format|priority|id|deferred|deferred time|quantity|who|what"},
	{"RXA", "Administration",
		"give id|administration id|begin|end|code|amount|units|form|notes|administered by|"
		"location|per time unit|strength|strength units|lot|expires|manufacturer"},
	{"RXE", "Encoded order",
		"quantity and timing|give code|give minimum|give maximum|give units|form|"
		"instructions|deliver to|substitution|dispense amount|dispense units|refills|"
		"ordering provider|verifier|prescription"},
	{"RXO", "Pharmacy order",
		"requested code|minimum|maximum|units|form|instructions|administration instructions|"
		"deliver to|substitution|dispense code|dispense amount|dispense units|refills"},
	{"RXR", "Route", "route|site|device|method"},
	{"SCH", "Schedule",
		"placer appointment|filler appointment|occurrence|placer group|schedule|event reason|"
		"appointment reason|type|duration|duration units|timing|placer contact"},
	{"SPM", "Specimen",
		"set id|specimen|parents|type|type modifier|additives|collection method|"
		"source site"},
	{"TQ1", "Timing",
		"set id|quantity|repeat|explicit time|relative time|service duration|start|"
		"end|priority"},
	{"TXA", "Document",
		"set id|type|content presentation|activity|primary provider|originated|transcribed|"
		"edited|originator|authenticator|transcriptionist|document number|parent document|"
		"placer order|filler order|file name|completion|confidentiality|availability"},
};

static size_t find(struct slice code)
{
	size_t i = 0;

	while (i < ARRAY_LEN(segments) && !slice_eq_str(code, segments[i].code))
		i++;
	return i;
}

const char *hl7_segment(struct slice segment)
{
	size_t i = find(segment);

	return i < ARRAY_LEN(segments) ? segments[i].title : NULL;
}

struct slice hl7_field(struct slice segment, size_t number)
{
	size_t i = find(segment);
	struct slice rest, name = SLICE_NONE;

	if (i == ARRAY_LEN(segments))
		return SLICE_NONE;
	rest = slice_of(segments[i].fields);
	for (size_t n = 0; n < number; n++)
		if (!slice_cut(&rest, '|', &name))
			return SLICE_NONE;
	return name;
}
