-- How far the audit is sealed: the end of its chain, and how many acts wait for the sealer.
-- > head text
-- > sealed int
-- > sealed_to time
-- > pending int
-- > oldest_pending time
select s.head, s.sealed, s.sealed_to, s.pending, s.oldest_pending from orderly.audit_status() s
