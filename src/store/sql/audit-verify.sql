-- Verifies so many links of the audit's chain from one on; the ends in the last part, there also against a
-- head that was kept elsewhere. problems: a line for each place that was touched.
-- :first int8
-- :budget int4
-- :known text
-- > code text
-- > message text
-- > last int
-- > complete bool
-- > head text
-- > problems text
select (s.r).code, (s.r).message, (s.r).id as last, ((s.r).detail ->> 'complete')::bool as complete,
	(s.r).detail ->> 'head' as head,
	(select string_agg(concat_ws(' ', 'link ' || (e ->> 'nr'), (e ->> 'problem') || ':', e ->> 'text'), E'\n' order by n)
	 from jsonb_array_elements((s.r).detail -> 'problems') with ordinality p (e, n)) as problems
from (select orderly.audit_verify(:first, :budget, nullif(btrim(:known), '')) as r offset 0) s
