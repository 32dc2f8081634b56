-- One interface: what it is, who answers for it, what is agreed and how it is handled.
-- :code text
-- > interface text
-- > title text
-- > lifecycle text
-- > twin text
-- > source text
-- > source_title text
-- > source_vendor text
-- > source_escalation text
-- > target text
-- > target_title text
-- > target_vendor text
-- > target_escalation text
-- > business_owner text
-- > technical_owner text
-- > team text
-- > runbook text
-- > style text
-- > timing text
-- > timing_why text
-- > tier int
-- > entity text
-- > system_of_record text
-- > contract text
-- > data_class text
-- > success text
-- > ordering_key text
-- > idempotency text
-- > cadence_s int
-- > batch_due text
-- > retry text
-- > replay_policy text
-- > replay_limit int
-- > emergency_limit int
-- > quarantine_after int
-- > rate_per_s text
-- > endpoint text
-- > maintenance text
-- > silenced_until time
-- > note text
-- > version int
select i.code as interface, i.title, i.lifecycle, i.twin, i.source, a.title as source_title,
	concat_ws(', ', a.vendor, a.vendor_contact) as source_vendor, a.escalation as source_escalation,
	i.target, b.title as target_title, concat_ws(', ', b.vendor, b.vendor_contact) as target_vendor,
	b.escalation as target_escalation, i.business_owner, i.technical_owner, i.support_team as team,
	i.runbook, i.style, i.timing, i.timing_why, i.tier, i.entity, i.system_of_record,
	concat_ws(' ', i.contract_name, i.contract_version) as contract, i.data_class, i.success,
	i.ordering_key, i.idempotency, i.cadence_s, concat_ws(' ', i.batch_due, i.batch_zone) as batch_due,
	nullif(i.retry, '{}')::text as retry, i.replay_policy, i.replay_limit, i.emergency_limit,
	i.quarantine_after, i.rate_per_s::text as rate_per_s, i.endpoint ->> 'url' as endpoint,
	nullif(i.maintenance, '[]')::text as maintenance,
	n.silenced_until, coalesce(n.note, i.note) as note, i.version
from orderly.interface i
join orderly.system a on a.code = i.source
join orderly.system b on b.code = i.target
left join lateral orderly.interface_signs(i.id) n on true
where i.code = :code
