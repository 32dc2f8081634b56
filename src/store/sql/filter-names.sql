-- What the catalogue has for a filter to name, by field.
-- > field text
-- > name text
select 'if' as field, i.code as name from orderly.interface i
union all
select f.field, s.code from orderly.system s, (values ('source'), ('target')) f (field)
where case f.field when 'source' then exists (select from orderly.interface i where i.source = s.code)
	else exists (select from orderly.interface i where i.target = s.code) end
union all
select 'facility', f.code from orderly.facility f where f.active
union all
select 'partner', p.code from orderly.partner p where p.active
union all
select 'owner', p.code from orderly.person p where p.active
union all
select 'team', t.team from (select distinct i.support_team as team from orderly.interface i) t where t.team is not null
order by field, name
