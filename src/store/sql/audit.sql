-- Acts, the newest first: who did what, to what, why and how it ended. A page further back or ahead of a
-- place. Words that are null do not matter; a star in them stands for anything.
-- :who text
-- :act text
-- :object text
-- :outcome text
-- :place text
-- :way text
-- :limit int8
-- > place text
-- > key text
-- > id int
-- > at time
-- > who text
-- > login text
-- > roles text
-- > address text
-- > application text
-- > act text
-- > object text
-- > object_id text
-- > outcome text
-- > code text
-- > reason text
-- > detail text
select a.id::text as place, a.id::text as key, a.id, a.at, coalesce(p.name, a.login) as who, a.login,
	array_to_string(a.roles, ' ') as roles, host(a.address) as address, a.application, a.act, a.object,
	a.object_id, a.outcome, a.code, a.reason, a.detail::text as detail
from (
	(select b.* from orderly.audit b left join orderly.person q on q.id = b.person
	 where :way = 'after' and (:place::text is null or b.id < :place::text::int8)
	   and (:who::text is null or b.login ilike replace(:who, '*', '%') or q.name ilike replace(:who, '*', '%'))
	   and (:act::text is null or b.act like replace(:act, '*', '%'))
	   and (:object::text is null or concat_ws(' ', b.object, b.object_id) like replace(:object, '*', '%'))
	   and (:outcome::text is null or concat_ws(' ', b.outcome, b.code) like replace(:outcome, '*', '%'))
	 order by b.id desc limit :limit)
	union all
	(select b.* from orderly.audit b left join orderly.person q on q.id = b.person
	 where :way = 'before' and b.id > :place::text::int8
	   and (:who::text is null or b.login ilike replace(:who, '*', '%') or q.name ilike replace(:who, '*', '%'))
	   and (:act::text is null or b.act like replace(:act, '*', '%'))
	   and (:object::text is null or concat_ws(' ', b.object, b.object_id) like replace(:object, '*', '%'))
	   and (:outcome::text is null or concat_ws(' ', b.outcome, b.code) like replace(:outcome, '*', '%'))
	 order by b.id limit :limit)) a
left join orderly.person p on p.id = a.person
order by a.id desc
