-- kind: transaction
-- Only what has a whole hour behind it is learned: there is nothing to learn of one that is new, and a duty
-- that says it has done something is asked again at once.

set local role orderly_{store}_owner;

create or replace function orderly.duty_anomalies(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	upto constant timestamptz := date_bin('1 minute', (select r.reach from orderly.rollup_reach() r), timestamptz 'epoch');
	whole constant timestamptz := date_bin('1 hour', now() - interval '2 hours', timestamptz 'epoch');
	i int;
	n int := 0;
begin
	for i in
		select f.id
		from orderly.interface f
		left join orderly.rhythm r on r.interface = f.id
		where f.lifecycle in ('live', 'coexisting', 'deprecated')
		  and (r.at is null or r.at < now() - interval '6 hours')
		  and exists (select from orderly.rollup u where u.grain = 3600 and u.interface = f.id and u.at <= whole)
		order by r.at nulls first, f.id
		limit budget
	loop
		perform orderly.rhythm_learn(i);
		n := n + 1;
	end loop;
	delete from orderly.anomaly a
	where a.ended_at < now() - make_interval(days => orderly.setting_int('anomaly.days', 90));
	if upto < now() - interval '15 minutes' then
		return n;
	end if;
	return n + orderly.anomalies_look(upto);
end
$$;
