-- kind: transaction
-- When two failures are the same fault: their texts without what varies, and a fingerprint of that with
-- interface and class.

set local role orderly_{store}_owner;

-- An error text without what varies: markup, addresses, quoted values, paths, dates, numbers and
-- identifiers that hold a digit. Names of tables, models and fields stay, and so do codes: they tell
-- one fault from another. Each step is tried for before it is taken, because trying is cheap.
create function orderly.error_signature(words text) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	t text := left(words, 500);
begin
	if t ~ '<[a-zA-Z/!]' then
		t := regexp_replace(t, '<[^<>]{1,250}>', ' ', 'g');
	end if;
	if t ~ '\s\s|[\t\n\r\v\f]|^\s|\s$' then
		t := btrim(regexp_replace(t, '\s+', ' ', 'g'));
	end if;
	if position('://' in t) > 0 then
		t := regexp_replace(t, '(://[^\s/:?#"''<>]+)[^\s"''<>]*', '\1', 'g');
	end if;
	if position('@' in t) > 0 then
		t := regexp_replace(t, '[\w.+-]+@[\w.-]+', '@', 'g');
	end if;
	if t ~ '["''`“«]' then
		t := regexp_replace(t, '["''](error|code|type|reason|status|message|title|detail|name|fault\w*|\w*_code)["'']\s*[:=]\s*["'']([^"'']*)["'']',
			'\1: \2', 'gi');
		t := regexp_replace(t,
			'(\m(?:field|model|column|constraint|relation|table|index|function|method|operator|parameter|argument|attribute|element|type|database|role|segment|key)s? )["''`“]([A-Za-z_][A-Za-z_.]*)["''`”]',
			'\1\2', 'gi');
		t := regexp_replace(t, '"[^"]*"|`[^`]*`|“[^”]*”|«[^»]*»|(?<!\w)''[^'']*''(?!\w)', '"…"', 'g');
		t := regexp_replace(t, '"…"(?:,? ?(?:and |or )?"…")+', '"…"', 'g');
	end if;
	if t ~ '[\w.]/[\w.]|\\|/\w+/' then
		t := regexp_replace(t, '(^|[^\w:/<])(?:/[\w.@%+~-]+){2,}/?|\m[A-Za-z]:\\[^\s"]+', '\1/…', 'g');
	end if;
	if t !~ '\d' then
		return left(t, 300);
	end if;
	if t ~* '\m(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ -]\d' then
		t := regexp_replace(t, '(?:\m(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?(?:\d{1,2}[ -])?\m(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ -]\d{1,4}',
			'0', 'gi');
	end if;
	-- Codes tell faults apart and stay: double underscores keep them from being read as values.
	if position('HTTP' in t) > 0 then
		t := regexp_replace(t, '\m(HTTPS?)(?:/\d(?:\.\d)?)?(:? (?:status|error|code)?:? ?)(\d{3})\M', '\1\2__\3__', 'g');
	end if;
	if t ~ '(?:[Ss]tatus|STATUS|[Ee]rrno|SQLSTATE|[Cc]ode|CODE|[Ee]rror|ERROR|CARC|RARC|AAA|CTX)[ :=#(*|-]{1,3}[A-Z]{0,4}-?\d' then
		t := regexp_replace(t, '(\m(?:[Ss]tatus|STATUS|[Ee]rrno|SQLSTATE|[Ee]rror|ERROR|CARC|RARC|AAA|CTX|(?:error|status|reason|reject|rejection|denial|response|return|result|remark|exit|edit|ack)[ _-]?code|^[Cc]ode)[ :=#(*|-]{1,3})((?:[A-Z]{1,4}-?)?\d{1,5}[A-Z]?)(?![\w.-]*\w)',
			'\1__\2__', 'gi');
	end if;
	-- X12's segments that say no: positions, counts, amounts and wrong values vary, their codes do not
	if t ~ '\m(?:[AI]K[349]|STC|AAA|CAS)\*' then
		t := regexp_replace(t, '\m([AI]K3\*\w+)\*[\d#]+\*(\w*)\*(\w{1,3})\M', '\1*#*\2*__\3__', 'g');
		t := regexp_replace(t, '\m([AI]K4)\*(\d+)[\d:]*\*(\d*)\*(\w{1,3})(?:\*[^*~]*)?', '\1*__\2__*__\3__*__\4__', 'g');
		t := regexp_replace(t, '\m(AK9\*[A-Z])\*[\d#]+\*[\d#]+\*[\d#]+(\*?)(\d*)', '\1*#*#*#\2__\3__', 'g');
		t := regexp_replace(t, '\mSTC\*([A-Z]\d{1,2}):(\d{1,4})[^~]*', 'STC*__\1__:__\2__', 'g');
		t := regexp_replace(t, '\m(AAA\*[YN]\*\w*)\*(\d{1,3})\M', '\1*__\2__', 'g');
		t := regexp_replace(t, '\m(CAS\*[A-Z]{2})\*(\w{1,4})\M', '\1*__\2__', 'g');
	end if;
	-- HL7's place of an error: segment, which of them, field
	if t ~ '\m[A-Z][A-Z0-9]{2}\^[\d#]+\^\d' then
		t := regexp_replace(t, '\m([A-Z][A-Z0-9]{2})\^[\d#]+\^(\d+)\M', '__\1__^#^__\2__', 'g');
	end if;
	if t ~ '[A-Z][A-Zv1]+-?\d|x509' then
		t := regexp_replace(t, '\m(CO|PR|OA|PI|CR|ORA|TNS|MSH|PID|PV1|ORC|OBR|OBX|NK1|IN1|AL1|DG1|EVN|ERR|FT1|GT1|RXA|RXE|SCH|TXA|ISA|GS|ST|NM1|CLM|REF|SVC|PO1|N1|LX|HI|DTP|BEG|BIG|IT1)-(\d{1,5})\M', '__\1-__\2__', 'g');
		t := regexp_replace(t, '\m(TA1|AK\d|IK\d|TLSv1|SSLv\d|X12|HL7|UTF-?8|IPv[46]|x509|NM1|PV[12]|NK1|IN[12]|AL1|DG1|FT1|GT1|PO1|IT1|N1)\M', '__\1__', 'g');
	end if;
	-- X12's verdict and note code, HL7's trigger event and error code
	if t ~ '\*[A-Z]\*\d|\^[A-Z\^]' then
		t := regexp_replace(t, '(\*[A-Z]\*|\^\^\^|\m[A-Z]{3}\^)([A-Z]?\d{1,3})\M', '\1__\2__', 'g');
	end if;
	t := regexp_replace(t, '\m(?:[A-Za-z][A-Za-z_./-]*)?\d(?:[\w./-]*\w)?', '#', 'g');
	if position('__' in t) > 0 then
		t := replace(t, '__', '');
	end if;
	if t ~ '#[\s,;:.+/-]{1,2}#|[+-]#|#%' then
		t := regexp_replace(t, '[+-]?#(?:[\s,;:.+/-]{1,2}#)*%?', '#', 'g');
	end if;
	return left(t, 300);
end
$$;

create function orderly.fingerprint(interface int, class text, signature text) returns bytea
language sql immutable parallel safe
set search_path = pg_catalog, orderly, pg_temp
return substr(sha256(int4send(interface) || convert_to(class || ' ' || signature, 'UTF8')), 1, 16);
