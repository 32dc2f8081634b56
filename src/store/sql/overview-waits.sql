-- What of the replays waits for anybody: for a decision, and for a person who finds out what happened.
-- > asked int
-- > doubts int
select (select count(*) from orderly.replay_request q where q.state = 'asked' and q.expires_at > now()) as asked,
	(select count(*) from orderly.replay_item i where i.state = 'in_doubt') as doubts
