-- kind: transaction
-- The first of an ordering key is looked up by its place in the order, which only the index of that order
-- knows: by the key alone a plan may as well go through all that an interface has to send, for each key.

set local role orderly_{store}_owner;

create or replace function orderly.replay_heads(items bigint[]) returns void
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	were bigint[];
	firsts bigint[];
begin
	select array_agg(h.id) filter (where h.interface = k.interface and h.ordering_key = k.ordering_key),
		array_agg(f.id) filter (where f.interface = k.interface and f.ordering_key = k.ordering_key)
	into were, firsts
	from (select distinct i.interface, i.ordering_key from orderly.replay_item i
	      where i.id = any (items) and i.ordering_key is not null) k
	left join lateral (
		select i.id, i.interface, i.ordering_key from orderly.replay_item i
		where (i.interface, i.ordering_key) >= (k.interface, k.ordering_key)
		  and i.live and i.head and i.ordering_key is not null
		order by i.interface, i.ordering_key limit 1) h on true
	left join lateral (
		select i.id, i.interface, i.ordering_key from orderly.replay_item i
		where (i.interface, i.ordering_key) >= (k.interface, k.ordering_key)
		  and i.live and i.go and i.ordering_key is not null
		order by i.interface, i.ordering_key, i.dead_letter limit 1) f on true;
	-- One after the other: no key may have two heads, not even within a statement.
	update orderly.replay_item i set head = false where i.id = any (were) and i.id <> all (coalesce(firsts, '{}'));
	update orderly.replay_item i set head = true where i.id = any (firsts) and not i.head;
end
$$;
