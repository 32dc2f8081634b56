-- Asks for a replay of these dead letters, or of a failure group as far as it was seen; refused says in
-- words what was left out. canary: the stages, as JSON; rate: per second, or null.
-- :ids int8[]
-- :group int8
-- :seen int8
-- :reason text
-- :canary jsonb
-- :rate float8
-- :emergency bool
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, coalesce(((s.r).detail ->> 'items')::int8, 0) as n, 0::int8 as left,
	(select string_agg(w.n || ' ' || w.verdict, ', ' order by w.n desc, w.verdict)
	 from (select e ->> 'verdict' as verdict, count(*) as n
	       from jsonb_array_elements((s.r).detail -> 'skipped') e group by 1) w) as refused
from (select case when :ids::int8[] is null
		then orderly.replay_ask_group(:group, :seen, :reason, o.options)
		else orderly.replay_ask(:ids, :reason, o.options) end as r
      from (select jsonb_strip_nulls(jsonb_build_object('stages', :canary::jsonb, 'rate', :rate::float8,
                   'emergency', nullif(:emergency::bool, false))) as options offset 0) o offset 0) s
