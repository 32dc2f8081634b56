-- kind: transaction
-- Credentials as facts for signals; and all facts that there are.

set local role orderly_{store}_owner;

create function orderly.signal_credentials(at timestamptz) returns setof orderly.signal_fact
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with c as materialized (select f.* from orderly.credential_facts() f)
	select 'credential', null::text, c.name, null::int, c.system,
		floor(extract(epoch from c.expires_at - signal_credentials.at) / 86400)::bigint, null::bigint,
		case when c.expires_at <= signal_credentials.at then 'ended ' else 'ends ' end
			|| to_char(c.expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || 'Z'
	from c where c.expires_at is not null
	union all
	select 'rotation', null, c.name, null, c.system,
		floor(extract(epoch from signal_credentials.at - c.rotated_at - c.rotate_every) / 86400)::bigint, null,
		'not changed since ' || to_char(c.rotated_at at time zone 'UTC', 'YYYY-MM-DD')
	from c
	where c.rotated_at + c.rotate_every < signal_credentials.at;
end;

-- Asked every few seconds by one session that stays, so that what can be planned once is. A further kind of
-- fact is a further function, and a line here.
create or replace function orderly.signal_facts(at timestamptz) returns setof orderly.signal_fact
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
set jit = off
as $$
begin
	return query select * from orderly.signal_burns(signal_facts.at);
	return query select * from orderly.signal_flows(signal_facts.at);
	return query select * from orderly.signal_refusals(signal_facts.at);
	return query select * from orderly.signal_cases(signal_facts.at);
	return query select * from orderly.signal_machinery(signal_facts.at);
	return query select * from orderly.signal_systems(signal_facts.at);
	return query select * from orderly.signal_undelivered(signal_facts.at);
	return query select * from orderly.signal_probes(signal_facts.at);
	return query select * from orderly.signal_credentials(signal_facts.at);
end
$$;
