-- The mask rules in the order in which they are applied, with the renditions that still follow a change.
-- > key text
-- > ord int
-- > target text
-- > kind text
-- > matcher text
-- > replacement text
-- > interfaces text
-- > classes text
-- > note text
-- > version int
-- > at time
-- > waits bool
select r.code as key, r.ord, r.target, r.kind, r.matcher, r.replacement, array_to_string(r.interfaces, ' ') as interfaces,
	array_to_string(r.classes, ' ') as classes, r.note, r.version,
	(select v.at from orderly.catalogue_version v
	 where v.kind = 'mask_rule' and v.code = r.code and v.version = r.version) as at,
	exists (select from orderly.change_item i join orderly.change c on c.id = i.change
	        where i.kind = 'mask_rule' and i.code = r.code and c.state = 'proposed') as waits
from orderly.mask_rule r
order by r.target, r.ord, r.code
