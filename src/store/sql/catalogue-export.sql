-- The whole catalogue as a document that catalogue-import takes, or the refusal.
-- > code text
-- > message text
-- > catalogue text
select r.code, r.message, jsonb_pretty(r.detail) as catalogue
from orderly.catalogue_export() r
