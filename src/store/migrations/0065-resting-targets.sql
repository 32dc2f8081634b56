-- kind: transaction
-- Dead letters of an hour are found by it, and what rests is given to nobody, whoever executes replays.

set local role orderly_{store}_owner;

create index dead_letter_at on orderly.dead_letter (at);

-- In which transaction the prober of a resting target claims its one item.
alter table orderly.relay_target add claiming xid8;

-- Those of these interfaces whose targets are well, or are this worker's to probe, in this transaction.
create or replace function orderly.relay_well(interfaces text[], worker text) returns text[]
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	update orderly.relay_target t set claiming = pg_current_xact_id()
	where t.state = 'half_open' and t.worker = left(relay_well.worker, 200)
	  and t.target in (select f.target from orderly.interface f where f.code = any (interfaces));
	return (select coalesce(array_agg(f.code), '{}') from orderly.interface f
	        left join orderly.relay_target t on t.target = f.target
	        where f.code = any (interfaces) and (coalesce(t.state, 'closed') = 'closed'
	              or t.state = 'half_open' and t.worker = left(relay_well.worker, 200)));
end
$$;

-- Targets that rest or are probed, for all but the prober. One that nobody has come to probe for a minute
-- after its time rests no more: there is nobody who would.
create function orderly.targets_resting() returns text[]
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return (select coalesce(array_agg(t.target), '{}') from orderly.relay_target t
	        where t.state <> 'closed' and t.until > clock_timestamp() - interval '1 minute'
	          and (t.state = 'open' or not coalesce(t.claiming = pg_current_xact_id_if_assigned(), false)));
end
$$;

-- The queue as it was is that of targets that do not rest.
alter function orderly.replay_queue(bigint[], int[], int) rename to replay_queue_of;

create function orderly.replay_queue(requests bigint[], interfaces int[], want int) returns bigint[]
language plpgsql
as $$
declare
	resting constant text[] := orderly.targets_resting();
begin
	if resting <> '{}' then
		interfaces := array(select f.id from orderly.interface f
		                    where f.id = any (interfaces) and f.target <> all (resting));
	end if;
	return orderly.replay_queue_of(requests, interfaces, want);
end
$$;
