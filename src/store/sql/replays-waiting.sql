-- How many replays wait for this person's decision, how many items are in doubt or held, how many dead letters are
-- unresolved, counted up to a thousand, and how many handovers are offered that this person may take over.
-- > decide int
-- > doubts int
-- > dead int
-- > handovers int
select (select count(*) from orderly.replay_request q
        where q.state = 'asked' and q.expires_at > now() and q.asker <> (select orderly.my_person())
          and 'approver' = any ((select orderly.my_roles())::text[])
          and not exists (select from orderly.replay_decision d
                          where d.request = q.id and d.revision = q.revision
                            and d.approver = (select orderly.my_person()))) as decide,
	(select count(*) from orderly.replay_item i where i.state in ('in_doubt', 'held')) as doubts,
	(select count(*) from (select from orderly.dead_letter l where l.unresolved limit 1000) u) as dead,
	(select count(*) from orderly.handover h
	 where h.state = 'offered' and h.outgoing <> (select orderly.my_person())
	   and coalesce(h.incoming = (select orderly.my_person()), true)
	   and (select orderly.my_roles())::text[] && array['operator', 'approver']
	   and h.interfaces <@ (select orderly.my_interfaces())::int[]) as handovers
