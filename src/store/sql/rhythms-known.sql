-- Of how many interfaces in scope the rhythm of this hour is known, and of how many that are in use it is not.
-- > known int
-- > unknown int
select count(*) filter (where k.known) as known, count(*) filter (where not k.known) as unknown
from (select coalesce(r.samples[orderly.rhythm_slot(now(), r.zone) + 1] <> 0, false) as known
      from orderly.interface i
      left join orderly.rhythm r on r.interface = i.id
      where i.lifecycle in ('live', 'coexisting', 'deprecated')) k
