-- Says, before a file is written, that a list of the posture is taken.
-- :list text
-- :format text
-- > code text
-- > message text
select r.code, r.message from orderly.posture_export(:list, :format) r
