-- kind: transaction
-- How old the key is. Odoo does not tell which of a login's keys is used: where there is one it is that,
-- else the newest is told as what it is.

set local role orderly_{store}_owner;

alter table orderly.odoo_probe add column key_only bool; -- the login has no other

create or replace function orderly.odoo_probed(worker text, detail jsonb) returns bool
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	perform orderly.gate_worker();
	if num_nulls(worker, detail -> 'server', detail -> 'ok', detail -> 'class') > 0 then
		return false;
	end if;
	insert into orderly.odoo_probe (worker, system, server, ok, class, message, version, protocol, latency_ms,
		clock_ahead_ms, key_name, key_made, key_expires, key_only, crons, crons_failing, failing)
	select left(odoo_probed.worker, 200), left(coalesce(d.system, ''), 100), left(d.server, 300), d.ok, d.class,
		left(d.message, 500), d.version, d.protocol, d.latency_ms, d.clock_ahead_ms, left(d.key_name, 200), d.key_made,
		d.key_expires, d.key_only, d.crons, d.crons_failing, left(d.failing, 2000)
	from jsonb_to_record(detail) as d (system text, server text, ok bool, class text, message text, version text,
		protocol text, latency_ms real, clock_ahead_ms bigint, key_name text, key_made timestamptz,
		key_expires timestamptz, key_only bool, crons int, crons_failing int, failing text);
	delete from orderly.odoo_probe p where p.at < clock_timestamp() - interval '7 days';
	return true;
end
$$;
