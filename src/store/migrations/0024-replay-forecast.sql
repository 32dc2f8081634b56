-- kind: transaction
-- What asking for a replay will need, told before it is asked for.

set local role orderly_{store}_owner;

-- Of these dead letters, those that could be asked for: how many there are, what the policies of their
-- interfaces want, and the names of those who could give it: approvers, other persons than the session's,
-- who see all that it is about. Nothing is promised: what counts is judged when it is decided.
create function orderly.replay_forecast(ids bigint[])
returns table (items int, policy text, needed int, emergency bool, approvers text)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	who record := orderly.gate(array['operator', 'approver']);
	chosen bigint[];
	these int[]; -- interfaces
	places smallint[]; -- facilities
	p record;
begin
	if who.code is not null or coalesce(cardinality(ids), 0) > 10000 then
		return;
	end if;
	select array_agg(v.id) into chosen from orderly.replay_verdicts(ids) v where v.verdict in ('eligible', 'behind');
	if chosen is null then
		return query select 0, null::text, null::int, false, null::text;
		return;
	end if;
	select array_agg(distinct l.interface), array_agg(distinct l.facility) filter (where l.facility is not null)
	into these, places from orderly.dead_letter l where l.id = any (chosen);
	p := orderly.replay_policy(these, cardinality(chosen), false);
	return query
	select cardinality(chosen), p.policy, p.needed,
		(select r.needed = 0 from orderly.replay_policy(these, cardinality(chosen), true) r),
		(select string_agg(distinct n.name, ', ' order by n.name)
		 from orderly.login g
		 join orderly.person n on n.code = g.person
		 join orderly.scope s on s.code = g.code
		 where n.active and not g.shared and not g.blocked and n.id is distinct from who.person
		   and 'approver' = any (orderly.roles_of(g.code))
		   and not exists (
			select from orderly.interface f where f.id = any (these)
			  and (f.data_class <> all (s.classes)
			       or not exists (select from unnest(s.interfaces) o (glob) where f.code like orderly.glob_like(o.glob))))
		   and not exists (
			select from orderly.facility f where f.id = any (places)
			  and not exists (select from unnest(s.facilities) o (glob) where f.code like orderly.glob_like(o.glob))));
end
$$;

grant execute on function orderly.replay_forecast(bigint[])
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;
