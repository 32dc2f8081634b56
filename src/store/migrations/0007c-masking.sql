-- part
-- Renditions: made of a payload and the rules of its interface, and made anew when those change.

-- Applies the rules to a text. An interface with rules of which none reads this format, and one of a
-- protected class without rules, get nothing to show: `why` says so.
create function orderly.mask_body(body text, format text, rules orderly.mask_rule[], protected bool,
                                  out shown text, out how text, out why text)
language plpgsql immutable
as $$
declare
	r orderly.mask_rule;
	covered bool := false;
	doc jsonb;
	next_doc jsonb;
	start text := body;
begin
	-- Patterns and names are looked for in the one spelling: no escape hides a letter from them.
	if cardinality(rules) > 0 and format = 'json' then
		doc := body::jsonb;
		start := doc::text;
	elsif cardinality(rules) > 0 and format = 'xml' then
		start := orderly.mask_plain_xml(body);
	end if;
	shown := start;
	foreach r in array rules loop
		covered := covered or r.kind in (format, 'regex', 'all');
		if r.kind = 'json' and format = 'json' then
			next_doc := orderly.mask_path(doc, shown, r.matcher, r.replacement);
			if next_doc <> doc then
				doc := next_doc;
				shown := doc::text;
			end if;
		elsif r.kind = 'regex' and shown ~ r.matcher then
			shown := regexp_replace(shown, r.matcher, r.replacement, 'g');
			if format = 'json' then
				doc := orderly.mask_reread(shown);
				shown := doc::text;
			end if;
		elsif r.kind = 'all' then
			shown := r.replacement;
			exit;
		elsif r.kind = format then
			shown := case format
				when 'xml' then orderly.mask_xml(shown, r.matcher, r.replacement)
				when 'hl7' then orderly.mask_hl7(shown, r.matcher, r.replacement)
				when 'x12' then orderly.mask_x12(shown, r.matcher, r.replacement)
				when 'csv' then orderly.mask_csv(shown, r.matcher, r.replacement) end;
		end if;
	end loop;
	if not covered and (protected or cardinality(rules) > 0) then
		shown := null;
		how := 'whole';
		why := 'no rule covers this format: ' || format;
	elsif shown = start then
		shown := body;
		how := 'plain';
	else
		how := 'masked';
	end if;
exception when others then
	shown := null;
	how := 'whole';
	why := 'could not be masked: ' || case when sqlstate = 'OR001' then sqlerrm else sqlstate end;
end
$$;

-- Header values. Of a protected class only those are shown that never carry anything of a person.
create function orderly.mask_headers(headers jsonb, rules orderly.mask_rule[], protected bool) returns jsonb
language plpgsql immutable
as $$
declare
	answer jsonb := '{}';
	h record;
	r orderly.mask_rule;
	v text;
begin
	if headers is null or jsonb_typeof(headers) <> 'object' then
		return null;
	end if;
	for h in select key, value from jsonb_each_text(headers) loop
		v := h.value;
		foreach r in array rules loop
			v := case when r.kind = 'all' or r.kind = 'header' and lower(r.matcher) = lower(h.key)
			          then r.replacement
			          when r.kind = 'regex' then regexp_replace(v, r.matcher, r.replacement, 'g')
			          else v end;
		end loop;
		if protected and v = h.value and lower(h.key) <> all (array['accept', 'content-encoding',
			'content-length', 'content-type', 'date', 'host', 'retry-after', 'server', 'user-agent',
			'x-request-id', 'x-correlation-id', 'traceparent']) then
			v := '•••';
		end if;
		answer := answer || jsonb_build_object(h.key, v);
	end loop;
	return answer;
end
$$;

-- Makes one rendition, from the raw payload and the rules given.
create function orderly.mask_one(p orderly.payload, body_rules orderly.mask_rule[],
                                 header_rules orderly.mask_rule[], protected bool, rules int, most int)
returns void
language plpgsql
as $$
declare
	words text;
	m record;
	more text;
begin
	if p.more is not null then
		more := (select b.shown from orderly.mask_body(p.more::text, 'json', body_rules, protected) b);
	end if;
	if p.body is null then
		select null::text as shown, 'plain' as how, null::text as why into m;
	elsif length(p.body) > most then
		select null::text as shown, 'whole' as how, format('larger than %s bytes', most) as why into m;
	else
		begin
			words := convert_from(p.body, 'UTF8');
		exception when others then
			select null::text as shown, 'binary' as how, null::text as why into m;
		end;
	end if;
	if words is not null then
		m := orderly.mask_body(words, orderly.mask_format(words, p.content_type), body_rules, protected);
	end if;
	insert into orderly.rendition (born, transaction, key, interface, facility, arrived, kind, content_type,
	                               headers, body, bytes, how, why, more, rules)
	values (p.born, p.transaction, p.key, p.interface, p.facility, p.arrived, p.kind, p.content_type,
	        orderly.mask_headers(p.headers, header_rules, protected), m.shown,
	        coalesce(length(p.body), 0), m.how, m.why, more, rules)
	on conflict (transaction, key, born) do update
	set headers = excluded.headers, body = excluded.body, how = excluded.how, why = excluded.why,
	    more = excluded.more, rules = excluded.rules, made_at = clock_timestamp();
end
$$;

-- Makes what waits, then what has to be made anew: an interface at a time, newest first, until no
-- rendition of it is older than the rules.
create function orderly.duty_mask(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	p orderly.payload;
	of_interface int := -1;
	body_rules orderly.mask_rule[];
	header_rules orderly.mask_rule[];
	protected bool;
	redo record;
	version int;
	most int := orderly.setting_int('mask.max_bytes', 2097152);
	done int := 0;
begin
	-- A change of the rules waits until what was begun under the old ones is committed, so that the
	-- redoing finds it.
	select s.version into version from orderly.mask_state s for share;
	for p in
		with taken as (
			delete from orderly.mask_pending m
			where m.ctid = any (array(select w.ctid from orderly.mask_pending w
			                          order by w.born desc, w.transaction desc
			                          limit budget for update skip locked))
			returning m.*)
		select y.* from taken t
		join orderly.payload y on y.born = t.born and y.transaction = t.transaction and y.key = t.key
		order by y.interface
	loop
		if p.interface <> of_interface then
			of_interface := p.interface;
			select array(select r from orderly.mask_rules(p.interface, 'payload') r),
			       array(select r from orderly.mask_rules(p.interface, 'headers') r),
			       (select i.data_class in ('confidential', 'phi') from orderly.interface i where i.id = p.interface)
				into body_rules, header_rules, protected;
		end if;
		perform orderly.mask_one(p, body_rules, header_rules, protected, version, most);
		done := done + 1;
	end loop;
	for redo in select r.interface, r.version from orderly.mask_redo r order by r.since limit 1 loop
		exit when done >= budget;
		with old as (
			select y.born, y.transaction, y.key from orderly.rendition y
			where y.interface = redo.interface and y.rules < redo.version
			order by y.born desc, y.transaction desc limit budget - done)
		insert into orderly.mask_pending (transaction, key, born)
		select transaction, key, born from old
		on conflict do nothing;
		if not exists (select from orderly.rendition y
		               where y.interface = redo.interface and y.rules < redo.version) then
			delete from orderly.mask_redo r where r.interface = redo.interface and r.version = redo.version;
		else
			done := done + 1; -- so that the worker comes again at once
		end if;
	end loop;
	return done;
end
$$;

-- Tries rules on samples before they are proposed: what the payload would look like. The rules are
-- documents as change_propose() takes them; the samples are the caller's own text.
create function orderly.mask_try(rules jsonb, body text, content_type text default null,
                                 protected bool default true)
returns table (shown text, how text, why text)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return query
	select m.shown, m.how, m.why
	from orderly.mask_body(body, orderly.mask_format(body, content_type), array(
		select jsonb_populate_record(null::orderly.mask_rule,
		                             orderly.catalogue_norm('mask_rule', null, e - 'code'))
		from jsonb_array_elements(rules) e), protected) m;
end
$$;

grant execute on function orderly.mask_try(jsonb, text, text, bool) to orderly_{store}_support,
	orderly_{store}_operator, orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;
