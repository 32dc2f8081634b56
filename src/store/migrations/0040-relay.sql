-- kind: transaction
-- What the relay of orderlyd stands on: endpoints that it can use, and targets that rest while they
-- are broken, for all workers at once.

set local role orderly_{store}_owner;

-- An endpoint says where replays of an interface go. Without a kind they are left for whoever claims
-- them, and so are those of kind "middleware". The relay reads the rest in full, and says what is wrong.
create function orderly.endpoint_fits(endpoint jsonb) returns bool
language plpgsql immutable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return coalesce(endpoint ->> 'kind' in ('http', 'odoo', 'middleware'), not endpoint ? 'kind')
		and coalesce(endpoint ->> 'url' ~ '^https?://[^/?#@\s]+([/?][^#@\s]*)?$',
			not endpoint ? 'url' and coalesce(endpoint ->> 'kind', '') not in ('http', 'odoo'))
		and coalesce(endpoint ->> 'secret' ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$', not endpoint ? 'secret')
		and coalesce(jsonb_typeof(endpoint -> 'timeout_s') = 'number'
			and (endpoint ->> 'timeout_s')::numeric between 0.1 and 300, not endpoint ? 'timeout_s');
end
$$;
alter table orderly.interface
	add constraint interface_endpoint_fits_check check (orderly.endpoint_fits(endpoint));

insert into orderly.act_rule (machine, act, state, becomes)
select 'relay_target', r.act, s, r.becomes
from (values
	('rest', 'closed,half_open', 'open'), -- too many failures in a row, or it asked for a pause
	('probe', 'open', 'half_open'), -- one item of one worker
	('close', 'half_open', 'closed')) as r (act, states, becomes)
cross join unnest(string_to_array(r.states, ',')) s;

-- A target is a system of the catalogue. One that has no row was never told of.
create table orderly.relay_target (
	target text primary key,
	state text not null default 'closed' check (state in ('closed', 'open', 'half_open')),
	failures int not null default 0, -- in a row
	rests int not null default 0, -- in a row, each twice as long as the one before
	until timestamptz, -- open: no sooner; half_open: the probe is lost then
	worker text, -- that told or probes
	class text,
	changed_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);
grant select on orderly.relay_target to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;

-- Milliseconds until it may be probed.
create function orderly.relay_wait_ms(until timestamptz) returns int
language sql volatile
set search_path = pg_catalog, orderly, pg_temp
return greatest(0, least(86400000, ceil(extract(epoch from until - clock_timestamp()) * 1000)))::int;

-- The interfaces whose replays orderlyd sends, how, and whether their targets are well.
create function orderly.relay_routes()
returns table (interface text, target text, endpoint jsonb, repeats bool, state text, wait_ms int)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	perform orderly.gate_worker();
	return query
	select f.code, f.target, f.endpoint, f.idempotency <> 'none', coalesce(t.state, 'closed'),
		coalesce(orderly.relay_wait_ms(t.until), 0)
	from orderly.interface f
	left join orderly.relay_target t on t.target = f.target
	where f.endpoint ->> 'kind' in ('http', 'odoo') and f.lifecycle <> 'retired' and f.replay_policy <> 'never'
	order by f.code;
end
$$;

-- Those of these interfaces whose targets are well, or are this worker's to probe.
create function orderly.relay_well(interfaces text[], worker text) returns text[]
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
return (select coalesce(array_agg(f.code), '{}') from orderly.interface f
        left join orderly.relay_target t on t.target = f.target
        where f.code = any (interfaces) and (coalesce(t.state, 'closed') = 'closed'
              or t.state = 'half_open' and t.worker = left(relay_well.worker, 200)));

-- Whether this worker may send one item to see how a resting target is. One at a time may; a probe that
-- is not told of within a minute more than it may take is lost.
create function orderly.relay_probe(target text, worker text, lease_s int) returns bool
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	perform orderly.gate_worker();
	update orderly.relay_target t
	set state = coalesce(orderly.act_next('relay_target', 'probe', t.state), t.state),
		until = clock_timestamp() + make_interval(secs => least(greatest(lease_s, 5), 3600)),
		worker = left(relay_probe.worker, 200), changed_at = clock_timestamp()
	where t.target = relay_probe.target and t.state in ('open', 'half_open') and t.until <= clock_timestamp();
	return found;
end
$$;

-- How sends to a target went: how many it answered, how many it failed at since the last answer. So many
-- failures in a row, or its own wish, and it rests, each time twice as long, up to a limit. One that is
-- probed is well with the first answer. `probing` says that this is the probe's end.
create function orderly.relay_report(target text, worker text, answered int, failed int, class text,
                                     pause_s real, probing bool)
returns table (state text, wait_ms int)
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	most constant int := greatest(orderly.setting_int('relay.failures', 5), 1);
	first_s constant int := greatest(orderly.setting_int('relay.rest_s', 5), 1);
	longest_s constant int := greatest(orderly.setting_int('relay.rest_most_s', 300), 1);
	t orderly.relay_target;
	was text;
begin
	perform orderly.gate_worker();
	if not exists (select from orderly.system s where s.code = relay_report.target) then
		raise exception 'there is no target "%"', relay_report.target using errcode = '22023';
	end if;
	insert into orderly.relay_target (target) values (relay_report.target) on conflict do nothing;
	select * into t from orderly.relay_target o where o.target = relay_report.target for update;
	was := t.state;
	t.failures := least(1000000, case when answered > 0 then 0 else t.failures end + greatest(failed, 0));
	if probing and was = 'half_open' and t.worker = left(relay_report.worker, 200)
	   and answered > 0 and failed = 0 and coalesce(pause_s, 0) <= 0 then
		t.state := orderly.act_next('relay_target', 'close', was);
		t.failures := 0;
		t.rests := 0;
		t.until := null;
		t.class := null;
	elsif probing and was = 'half_open' and t.worker = left(relay_report.worker, 200)
	      and answered <= 0 and failed <= 0 then
		-- There was nothing to probe it with.
		t.state := orderly.act_next('relay_target', 'rest', was);
		t.until := clock_timestamp();
	elsif probing and was = 'half_open' or was = 'closed' and (t.failures >= most or pause_s > 0) then
		t.state := orderly.act_next('relay_target', 'rest', was);
		-- With jitter, so that targets that fell together do not come back together.
		t.until := clock_timestamp() + make_interval(secs => greatest(
			case when t.failures >= most or was = 'half_open' and failed > 0
				then least(first_s * power(2, least(t.rests, 20)), longest_s) else 0 end,
			least(coalesce(pause_s, 0), 3600)) * (1 + random() / 4));
		t.rests := t.rests + 1;
		t.class := relay_report.class;
	end if;
	update orderly.relay_target o
	set state = t.state, failures = t.failures, rests = t.rests, until = t.until, class = t.class,
		worker = case when t.state <> was then left(relay_report.worker, 200) else o.worker end,
		changed_at = case when t.state <> was then clock_timestamp() else o.changed_at end
	where o.target = t.target;
	if t.state <> was then
		perform pg_notify('orderly', 'relay');
	end if;
	return query select t.state, coalesce(orderly.relay_wait_ms(t.until), 0);
end
$$;

grant execute on function orderly.relay_routes(), orderly.relay_well(text[], text), orderly.relay_probe(text, text, int),
	orderly.relay_report(text, text, int, int, text, real, bool) to orderly_{store}_worker;
