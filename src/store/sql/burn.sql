-- Every burn rule on every objective of success and latency of an interface, or of all: as it is kept.
-- :interface text
-- > interface text
-- > measure text
-- > objective_ppm int
-- > window_s int
-- > rule int
-- > long_s int
-- > short_s int
-- > tenths int
-- > severity text
-- > long_bad int
-- > long_total int
-- > short_bad int
-- > short_total int
-- > long_rate int
-- > short_rate int
-- > state text
-- > since time
select i.code as interface, b.measure, s.objective_ppm, s.window_s, b.rule, u.long_s, u.short_s, u.tenths, b.severity,
	b.long_bad, b.long_total, b.short_bad, b.short_total,
	orderly.burn_rate(b.long_bad, b.long_total, s.objective_ppm) as long_rate,
	orderly.burn_rate(b.short_bad, b.short_total, s.objective_ppm) as short_rate, b.state, b.since
from orderly.burn_kept b
join orderly.interface i on i.id = b.interface
join orderly.slo s on s.interface = i.code and s.measure = b.measure
join orderly.burn_rule u on u.nr = b.rule
where :interface::text is null or i.code = :interface
order by b.state <> 'burning', b.severity <> 'page', i.code, b.measure = 'success' desc, b.rule
