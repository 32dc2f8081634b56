-- What the policy will want for these dead letters, or for a failure group as far as it was seen, and
-- who could give it; needed is null where nothing can be asked for.
-- :ids int8[]
-- :group int8
-- :seen int8
-- > items int
-- > policy text
-- > needed int
-- > emergency bool
-- > approvers text
select w.items, w.policy, w.needed, w.emergency, w.approvers
from orderly.replay_forecast(coalesce(:ids::int8[], array(
	select d.id from orderly.dead_letter d
	where d.failure_group = :group and d.unresolved and d.nr <= :seen order by d.id limit 10000))) w
