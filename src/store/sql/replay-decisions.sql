-- Who decided what about a replay request, and about which revision; the newest first.
-- :request int8
-- > approver text
-- > verdict text
-- > at time
-- > reason text
-- > revision int
select p.name as approver, d.verdict, d.at, d.reason, d.revision
from orderly.replay_decision d
join orderly.person p on p.id = d.approver
where d.request = :request
order by d.at desc
limit 20
