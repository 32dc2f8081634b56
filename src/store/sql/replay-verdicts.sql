-- A fresh dry run of a request: how many of its items would go now, and what stands against the others.
-- :request int8
-- > verdict text
-- > n int
select v.verdict, count(*) as n from orderly.replay_request_verdicts(:request) v group by v.verdict order by v.verdict <> 'eligible', n desc, v.verdict
