-- What a person does with signals: acknowledge, snooze; refused says in words why some were left out.
-- :act text
-- :ids int8[]
-- :reason text
-- :until_s float8
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, (s.r).message, (s.r).id, jsonb_array_length(coalesce((s.r).detail -> 'done', '[]'))::int8 as n,
	0::int8 as left,
	(select string_agg(w.n || ' ' || c.text, '; ' order by w.n desc)
	 from (select e ->> 'code' as code, count(*) as n
	       from jsonb_array_elements((s.r).detail -> 'refused') e group by 1) w
	 join orderly.refusal_code c on c.code = w.code) as refused
from (select case :act
		when 'acknowledge' then orderly.signal_acknowledge(:ids, :reason)
		when 'snooze' then orderly.signal_snooze(:ids, to_timestamp(:until_s), :reason) end as r offset 0) s
