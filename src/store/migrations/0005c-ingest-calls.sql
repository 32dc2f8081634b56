-- part
-- What a middleware calls, and what is masked on the way in.

-- Error texts and business keys as everyone may see them; the entity and the partner's reference are
-- keys too. Where the catalogue has no rule for them, which is the rule, this costs two look-ups per call.
create function orderly.mask_parsed(events orderly.parsed[]) returns orderly.parsed[]
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	error_of constant int[] := orderly.mask_wanted('error');
	key_of constant int[] := orderly.mask_wanted('business_key');
	errors orderly.mask_rule[];
	keys orderly.mask_rule[];
	of_interface int;
	known record;
	it orderly.parsed;
begin
	if error_of = '{}' and key_of = '{}' then
		return events;
	end if;
	for known in
		select e.ordinality as place, i.id
		from unnest(events) with ordinality e
		join orderly.interface i on i.code = e.interface
		where i.id = any (error_of) and e.text is not null
		   or i.id = any (key_of) and coalesce(e.business_key, e.entity, e.partner_ref) is not null
		order by i.id
	loop
		if known.id is distinct from of_interface then
			of_interface := known.id;
			errors := array(select r from orderly.mask_rules(known.id, 'error') r);
			keys := array(select r from orderly.mask_rules(known.id, 'business_key') r);
		end if;
		it := events[known.place];
		it.text := orderly.mask_words(errors, it.text);
		it.business_key := orderly.mask_words(keys, it.business_key);
		it.entity := orderly.mask_words(keys, it.entity);
		it.partner_ref := orderly.mask_words(keys, it.partner_ref);
		events[known.place] := it;
	end loop;
	return events;
end
$$;

-- Takes events, one JSON document each. Says how many were taken, known already, and not taken.
create function orderly.ingest(events bytea[], out taken int, out repeated int, out rejected int)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if cardinality(events) > 10000 then
		raise exception 'an array of % events is too long', cardinality(events)
			using errcode = 'program_limit_exceeded', hint = 'send at most 10000 at a time';
	end if;
	if coalesce(cardinality(events), 0) = 0 then
		taken := 0;
		repeated := 0;
		rejected := 0;
		return;
	end if;
	select t.taken, t.repeated, t.rejected into taken, repeated, rejected
	from orderly.take(orderly.mask_parsed(orderly.parse(events)), events) t;
end
$$;

-- The same for a document, or an array of documents, that came as JSON.
create function orderly.ingest(events jsonb, out taken int, out repeated int, out rejected int)
language sql security definer
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select t.taken, t.repeated, t.rejected
	from orderly.ingest((
		select array_agg(convert_to(e.value::text, 'UTF8'))
		from jsonb_array_elements(case jsonb_typeof(events) when 'array' then events
		                          else jsonb_build_array(events) end) e)) t;
end;

grant execute on function orderly.ingest(bytea[]), orderly.ingest(jsonb) to orderly_{store}_ingest;
grant select on orderly.reject_code to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;
grant select (id, arrived, last_at, times, login, interface, code, reason, size, digest)
	on orderly.reject to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver;
alter table orderly.reject enable row level security;
create policy reject_read on orderly.reject for select
	using (interface is null or interface = any ((select orderly.my_interfaces())::int[]));
