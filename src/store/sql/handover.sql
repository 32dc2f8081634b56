-- A handover item by item, in its sections: what is new, still open and gone since the one before, whose it
-- is, what else is known of it, the next step in the outgoing person's words, and who has acknowledged it.
-- :handover int8
-- > nr int
-- > key text
-- > kind text
-- > section text
-- > change text
-- > interface text
-- > ref text
-- > title text
-- > owner text
-- > facts text
-- > words text
-- > acknowledged_by text
-- > acknowledged_at time
select h.nr, h.nr::text as key, h.kind, k.section, h.change, i.code as interface, h.ref, h.title,
	h.detail ->> 'owner' as owner,
	(select string_agg(case d.key when 'rules' then '' else replace(d.key, '_', ' ') || ' ' end || case
			when d.key in ('since', 'last', 'snoozed_until', 'expires', 'due', 'until', 'at', 'sent_at', 'started')
				then to_char((d.value #>> '{}')::timestamptz at time zone 'UTC', 'YYYY-MM-DD HH24:MI"Z"')
			when d.key = 'rules' then (
				select string_agg(concat_ws(' ', r ->> 'bad', 'of', r ->> 'total', 'bad by rule', r ->> 'rule' || ',', r ->> 'severity'),
					'; ') from jsonb_array_elements(d.value) r)
			when jsonb_typeof(d.value) = 'array' then (select string_agg(e, ', ') from jsonb_array_elements_text(d.value) e)
			else d.value #>> '{}' end, ' · ' order by d.key)
	 from jsonb_each(h.detail) d
	 where d.key not in ('owner', 'interfaces')
	   and not (h.kind = 'objectives' and d.key in ('fine', 'with too few to tell'))) as facts,
	h.words, p.name as acknowledged_by, h.acknowledged_at
from orderly.handover_item h
join orderly.handover_kind k on k.kind = h.kind
left join orderly.interface i on i.id = h.interface
left join orderly.person p on p.id = h.acknowledged_by
where h.handover = :handover
order by h.nr
