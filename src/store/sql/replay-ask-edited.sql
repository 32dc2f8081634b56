-- Asks for a replay of one dead letter with an edited payload, in hexadecimal; refused names the fields
-- that are locked.
-- :id int8
-- :content_type text
-- :body text
-- :reason text
-- > ok bool
-- > message text
-- > id int
-- > n int
-- > left int
-- > refused text
select (s.r).ok, concat_ws(': ', (s.r).message, (select string_agg(f, ', ') from jsonb_array_elements_text(
		coalesce((s.r).detail -> 'fields', '[]')) f)) as message, (s.r).id, 0::int8 as n, 0::int8 as left,
	null::text as refused
from (select orderly.replay_ask_edited(:id, :content_type, decode(:body, 'hex'), :reason) as r offset 0) s
