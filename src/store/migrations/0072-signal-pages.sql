-- kind: transaction
-- What the console asks of signals that no table answers as it stands.

set local role orderly_{store}_owner;

-- Whether anybody watches, and how many signals wait for somebody: within the session's scope, and for who
-- follows interfaces. watched_at NULL: nothing was ever evaluated.
create function orderly.my_watch(out watched_at timestamptz, out signals int, out pages int)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	select w.evaluated_at into watched_at from orderly.signal_watch w;
	signals := 0;
	pages := 0;
	if orderly.my_roles() && array['support', 'operator', 'approver'] then
		select count(*), count(*) filter (where s.severity = 'page') into signals, pages
		from orderly.signal s
		where s.state = 'raised' and s.quiet is null
		  and (s.interface is null or s.interface = any (orderly.my_interfaces()));
	end if;
end
$$;
grant execute on function orderly.my_watch() to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin, orderly_{store}_worker;

-- A signal in lines, with when each was so: what it is, what to do, what became of it, whom it was told.
create function orderly.signal_story(id bigint) returns table (at timestamptz, words text)
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	with s as materialized (
		select t.*, r.title, m.title as measured, r.note, coalesce(r.owner, i.technical_owner, i.business_owner, y.owner) as owner,
			coalesce(r.runbook, i.runbook, y.runbook) as runbook, y.escalation, y.vendor_contact, p.name as person_name,
			i.code as interface_code
		from orderly.signal t
		left join orderly.signal_rule r on r.code = t.rule
		left join orderly.signal_measure m on m.code = t.measure
		left join orderly.interface i on i.id = t.interface
		left join orderly.system y on y.code = case t.measure when 'system' then t.object else t.system end
		left join orderly.person p on p.id = t.person
		where t.id = signal_story.id and t.state <> 'pending'
	)
	select l.at, l.words from (
		select 1 as part, 0::bigint as nr, null::timestamptz as at,
			concat_ws(': ', s.object, coalesce(s.title, s.rule || ', a rule that is gone')) as words from s
		union all
		select 2, 0, s.since, s.value || '.' from s
		union all
		select 3, 0, null, 'Nobody is told: ' || s.quiet || '.' from s where s.quiet is not null and s.ended_at is null
		union all
		select 4, 0, null, 'Folded under it: ' || string_agg(f.rule || ' of ' || f.object, ', ' order by f.id) || '.'
		from s join orderly.signal f on f.folded_under = s.id and f.state <> 'ended' having count(*) > 0
		union all
		select 5, 0, null, 'Owner: ' || s.owner from s where s.owner is not null
		union all
		select 6, 0, null, 'Runbook: ' || s.runbook from s where s.runbook is not null
		union all
		select 7, 0, null, 'Escalation: ' || concat_ws(', ', s.escalation, s.vendor_contact) from s
		where coalesce(s.escalation, s.vendor_contact) is not null
		union all
		select 8, 0, null, s.note from s where s.note is not null
		union all
		select 9, 0, null, 'It measures ' || s.measured || '.' from s where s.measured is not null
		union all
		select 10, h.id, h.at, case h.what
			when 'raise' then 'raised: ' || h.words
			when 'escalate' then 'nobody answered: it is a page now'
			when 'wake' then 'awake again'
			when 'end' then 'ended'
			when 'told' then h.words
			when 'acknowledge' then concat_ws(': ', 'acknowledged by ' || p.name, h.words)
			when 'snooze' then concat_ws(' ', 'put to sleep by', p.name, h.words)
			else concat_ws(': ', h.what, h.words) end
		from s join orderly.signal_history h on h.signal = s.id left join orderly.person p on p.id = h.person
		union all
		select 11, d.id, d.next_at, d.target || ': ' || n.what || ' waits for another try (' || d.message || ')'
		from s join orderly.signal_delivery d on d.signal = s.id join orderly.signal_notice n on n.id = d.notice
		where d.state = 'waiting' and d.tries > 0) l
	order by l.part, l.nr;
end;
grant execute on function orderly.signal_story(bigint) to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver;

-- The facts are asked every few seconds by one session that stays: what can be planned once is. The bodies
-- are bound, so a setting would only keep them from being taken up into the plan.
alter function orderly.signal_burns(timestamptz) reset all;
alter function orderly.signal_flows(timestamptz) reset all;
alter function orderly.signal_refusals(timestamptz) reset all;
alter function orderly.signal_cases(timestamptz) reset all;
alter function orderly.signal_systems(timestamptz) reset all;
alter function orderly.signal_undelivered(timestamptz) reset all;
alter function orderly.signals_true(timestamptz) reset all;
