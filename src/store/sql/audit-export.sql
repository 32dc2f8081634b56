-- Leaves a trace that these acts are going to be exported, and to which file.
-- :who text
-- :act text
-- :object text
-- :outcome text
-- :file text
-- :reason text
-- > ok bool
-- > message text
-- > head text
select (s.r).ok, (s.r).message, (s.r).detail ->> 'head' as head
from (select orderly.audit_export(jsonb_strip_nulls(jsonb_build_object('who', :who::text, 'act', :act::text,
	'object', :object::text, 'outcome', :outcome::text, 'file', :file::text)), :reason) as r offset 0) s
