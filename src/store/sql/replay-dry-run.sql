-- What would become of each, if it were asked for now: of these dead letters, or of the unresolved ones
-- of a failure group as far as it was seen.
-- :ids int8[]
-- :group int8
-- :seen int8
-- > key text
-- > verdict text
-- > ref int
-- > may bool
-- > interface text
-- > facility text
-- > business_key text
-- > message_id text
-- > ordering_key text
-- > at time
-- > text text
select v.id::text as key, v.verdict, v.ref, v.verdict in ('eligible', 'behind') as may, i.code as interface,
	f.code as facility, m.business_key, m.message_id, l.ordering_key, l.at, t.text
from orderly.replay_dry_run(coalesce(:ids::int8[], array(
	select d.id from orderly.dead_letter d
	where d.failure_group = :group and d.unresolved and d.nr <= :seen order by d.id limit 10000))) v
left join orderly.dead_letter l on l.id = v.id
left join orderly.interface i on i.id = l.interface
left join orderly.facility f on f.id = l.facility
left join orderly.message m on m.id = v.id
left join orderly.transaction t on t.id = v.id
order by v.id
