-- kind: transaction
-- Of a Python traceback the last words name the fault: those before them are the way to it, and all
-- tracebacks would be one group. Letters that lie in a group stay there.

set local role orderly_{store}_owner;

-- What stands behind the last traceback's frames: "ValueError: ...", with whatever lines the message has.
-- One whose end was cut off is left as it is. Line ends may have been written as \n, or been lost.
create function orderly.last_words(words text) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	t text;
begin
	if position('Traceback (most recent call last)' in words) = 0 then
		return words;
	end if;
	t := regexp_replace(words, '^.*Traceback \(most recent call last\):?', '');
	if position(E'\n' in t) = 0 then
		t := replace(replace(t, '\r', ''), '\n', E'\n');
	end if;
	if position(E'\n' in t) = 0 and position('File "' in t) > 0 then
		return coalesce((regexp_match(t,
			'^.*\m((?:\w+\.)*[A-Z]\w*(?:Error|Exception|Warning|Denied|Missing|Timeout|Expired)(?:: .*)?)$'))[1], words);
	end if;
	return coalesce((regexp_match(t, '^(?:[ \t\r]*\n)?(?:[ \t\r][^\n]*\n|\n)*(\s?[^\s].*)$'))[1], words);
end
$$;

alter function orderly.error_signature(text) rename to error_signature_of;

create function orderly.error_signature(words text) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return orderly.error_signature_of(orderly.last_words(words));
end
$$;
