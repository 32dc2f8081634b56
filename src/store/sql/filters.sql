-- What filters a view has saved: one's own, and those that others share.
-- :view text
-- > id int
-- > name text
-- > filter text
-- > shared bool
-- > mine bool
-- > owner text
select f.id, f.name, f.filter, f.shared, f.person = orderly.my_person() as mine, p.name as owner
from orderly.saved_filter f
join orderly.person p on p.id = f.person
where f.view = :view
order by f.person = orderly.my_person() desc, f.name, f.id
