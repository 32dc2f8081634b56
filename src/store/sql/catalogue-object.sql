-- One object of the catalogue as a document of its own, to be edited and proposed.
-- :kind text
-- :code text
-- > document text
select jsonb_pretty(jsonb_build_object('format', 1, :kind::text,
	jsonb_build_array(jsonb_build_object('code', v.code) || v.doc))) as document
from (select v.code, v.doc from orderly.catalogue_version v where v.kind = :kind and v.code = :code
      order by v.version desc limit 1) v
where v.doc is not null
