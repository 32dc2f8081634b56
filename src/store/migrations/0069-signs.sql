-- kind: transaction
-- A silence that was ended is none.

set local role orderly_{store}_owner;

-- As before; a silence of all interfaces counts as well, one of a single rule does not.
create or replace function orderly.interface_signs(interface int, out note text, out silenced_until timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	if orderly.my_roles() && array['support', 'operator', 'approver'] and interface_signs.interface = any (orderly.my_interfaces()) then
		note := (select n.text from orderly.note n
		         where n.object = 'interface' and n.object_id = interface_signs.interface order by n.id desc limit 1);
		silenced_until := (select max(s.until) from orderly.silence s
		                   where (s.interface = interface_signs.interface or s.interface is null) and s.rule is null
		                     and s.ended_at is null and s.until > clock_timestamp());
	end if;
end
$$;
