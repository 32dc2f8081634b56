-- Systems that are down, those first that are not down because of another; what they are, whom to call.
-- > system text
-- > title text
-- > since time
-- > at time
-- > how text
-- > detail text
-- > because_of text
-- > owner text
-- > vendor text
-- > vendor_contact text
-- > escalation text
-- > runbook text
-- > below text
select d.system, s.title, d.since, d.at, d.how, d.detail, d.because_of, s.owner, s.vendor, s.vendor_contact,
	s.escalation, s.runbook,
	(select string_agg(o.code, ',' order by o.code) from orderly.system o
	 where d.system in (select unnest(o.depends_on))) as below
from orderly.my_systems_down() d
join orderly.system s on s.code = d.system
order by d.because_of is not null, d.since, d.system
