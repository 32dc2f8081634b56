-- The catalogue of interfaces with what is promised of each; how they are now is the overview's. hidden:
-- how many more there are, out of the scope.
-- > interface text
-- > title text
-- > source text
-- > target text
-- > style text
-- > timing text
-- > tier int
-- > data_class text
-- > lifecycle text
-- > owner text
-- > team text
-- > contract text
-- > slo text
-- > version int
-- > hidden int
select i.code as interface, i.title, i.source, i.target, i.style, i.timing, i.tier, i.data_class,
	i.lifecycle, coalesce(i.technical_owner, i.business_owner) as owner, i.support_team as team,
	concat_ws(' ', i.contract_name, i.contract_version) as contract,
	(select string_agg(concat_ws(' ', s.measure, (s.objective_ppm / 10000.0)::real || ' %',
		case s.measure when 'latency' then 'in ' || s.threshold || ' ms' when 'deadline' then 'by ' || s.due
		when 'queue' then 'under ' || s.threshold when 'freshness' then 'within ' || s.threshold || ' s'
		when 'dead_age' then 'within ' || s.threshold || ' s' end), ', ' order by s.measure = 'success' desc, s.measure)
	 from orderly.slo s where s.interface = i.code) as slo,
	i.version, (select orderly.interfaces_hidden()) as hidden
from orderly.interface i
order by i.lifecycle = 'retired', i.code
