-- kind: transaction
-- Taking events: read them, put them under their transaction, fold its state, feed the followers.
--
-- One element per event, so that one monster spoils nothing but itself. Everything is done for the
-- whole array at once; where an element cannot be read, the array is halved until it stands alone.
-- Locks are taken in one order everywhere: message by (interface, message id), event by
-- (transaction, key), transaction by id, counters by interface. So writers never deadlock.

set local role orderly_{store}_owner;

-- Why an event was not taken.
create table orderly.reject_code (code text primary key, title text not null);
insert into orderly.reject_code values
	('empty', 'there is nothing in it'),
	('too_large', 'it is larger than 16 MiB'),
	('unreadable', 'it is not valid UTF-8, JSON or base64'),
	('not_object', 'it is no JSON object'),
	('too_deep', 'it is nested deeper than 64 levels'),
	('digits', 'it has a number of too many digits'),
	('interface', 'it names no interface'),
	('message_id', 'it has no message id'),
	('kind', 'it has no kind'),
	('at', 'its time is missing, or not of the form 2026-02-28T14:05:06.789Z'),
	('due_at', 'its due time is not of the form 2026-02-28T14:05:06.789Z'),
	('attempt', 'its attempt is not a number from 0 to 999999'),
	('too_long', 'an identifier is longer than 512 bytes'),
	('payload', 'its payload is not an object with either body or body_base64'),
	('headers', 'the headers of its payload are no object, or larger than 64 KiB'),
	('unknown_interface', 'the catalogue has no such interface'),
	('unknown_kind', 'there is no such kind of event'),
	('unknown_class', 'there is no such error class'),
	('unknown_facility', 'the catalogue has no such facility'),
	('other_content', 'an event of the same key with another content was taken before');

-- An event as read, before the store is asked whether it knows what is named.
create type orderly.parsed as (
	n int,
	refusal text, -- a code of reject_code; NULL when it could be read
	detail text,
	key bytea,
	digest bigint,
	interface text,
	message_id text,
	kind text,
	at timestamptz,
	attempt int,
	correlation text,
	parent text,
	business_key text,
	entity text,
	facility text,
	partner text,
	partner_ref text,
	ordering_key text,
	stage text,
	component text,
	duration_ms int,
	http_status int,
	native_state text,
	class text,
	code text,
	text text,
	trace_id text,
	span_id text,
	due_at timestamptz,
	idempotency_key text,
	target_model text,
	target_ref text,
	event_id text,
	compensates text,
	more jsonb,
	payload_kind text,
	content_type text,
	headers jsonb,
	body bytea
);

-- Headers without what opens doors.
create function orderly.headers_clean(headers jsonb) returns jsonb
language sql immutable strict parallel safe
return case
	when headers::text !~* 'auth|cookie|api.?key|token|secret|password' then headers
	else (select coalesce(jsonb_object_agg(h.key, h.value), '{}') from jsonb_each(headers) h
	      where h.key !~* 'auth|cookie|api.?key|token|secret|password')
end;

-- Reads an array that has no monster in it; raises where it has one.
create function orderly.parse_all(raw bytea[], first int) returns orderly.parsed[]
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
#variable_conflict use_column
declare
	known constant text[] := array['interface', 'message_id', 'kind', 'at', 'attempt', 'correlation_id',
		'parent_id', 'business_key', 'entity', 'facility', 'partner', 'partner_ref', 'ordering_key',
		'stage', 'component', 'duration_ms', 'http_status', 'native_state', 'class', 'code', 'text',
		'trace_id', 'span_id', 'due_at', 'idempotency_key', 'target_model', 'target_ref', 'event_id',
		'compensates', 'payload'];
	zone constant text := '[+-]\d\d(:?\d\d)?$';
	result orderly.parsed[];
begin
	select array_agg(row (
		d.n,
		case
			when d.size is null then 'empty'
			when d.e is null then 'too_large'
			when jsonb_typeof(d.e) <> 'object' then 'not_object'
			when jsonb_path_exists(c.more, '$.**{64}') or jsonb_path_exists(x.payload, '$.**{64}') then 'too_deep'
			when c.more is not null and octet_length(c.more::text) > 2 * d.size + 64
				or octet_length(y.body) > 2 * d.size + 64 then 'digits'
			when coalesce(x.interface, '') = '' then 'interface'
			when coalesce(x.message_id, '') = '' then 'message_id'
			when coalesce(x.kind, '') = '' then 'kind'
			when c.at is null then 'at'
			when c.due_at is null and x.due_at is not null then 'due_at'
			when c.attempt is null then 'attempt'
			when greatest(octet_length(x.message_id), octet_length(x.correlation_id),
				octet_length(x.parent_id), octet_length(x.business_key), octet_length(x.entity),
				octet_length(x.partner_ref), octet_length(x.ordering_key)) > 512 then 'too_long'
			when jsonb_typeof(x.payload) <> 'object'
				or y.body is not null and y.body_base64 is not null then 'payload'
			when jsonb_typeof(y.headers) <> 'object' or octet_length(y.headers::text) > 65536 then 'headers'
		end,
		null,
		substr(sha256(case
			when x.event_id is not null then convert_to(x.event_id, 'UTF8')
			else convert_to(concat(length(x.interface), ',', length(x.message_id), ',', length(x.kind), ',',
				length(x.stage), ',', length(x.component), ',', c.attempt, ',', x.interface, x.message_id,
				x.kind, x.stage, x.component), 'UTF8') || timestamptz_send(c.at) end), 1, 16),
		jsonb_hash_extended(d.e, 0),
		x.interface, x.message_id, x.kind, c.at, c.attempt,
		nullif(x.correlation_id, ''), nullif(x.parent_id, ''), nullif(x.business_key, ''),
		nullif(x.entity, ''), nullif(x.facility, ''), nullif(x.partner, ''), nullif(x.partner_ref, ''),
		nullif(x.ordering_key, ''), x.stage, x.component, x.duration_ms::int, x.http_status::int,
		x.native_state, nullif(x.class, ''), x.code, left(x.text, 16000), x.trace_id, x.span_id,
		c.due_at, x.idempotency_key, x.target_model, x.target_ref, x.event_id,
		x.compensates, c.more,
		y.kind, y.content_type, y.headers,
		coalesce(decode(y.body_base64, 'base64'), convert_to(y.body, 'UTF8')))::orderly.parsed)
	into result
	from (
		select first + r.n::int - 1 as n, octet_length(r.b) as size,
			case when octet_length(r.b) <= 16777216 then convert_from(r.b, 'UTF8')::jsonb end as e
		from unnest(raw) with ordinality r (b, n)
		offset 0
	) d
	cross join lateral jsonb_to_record(case when jsonb_typeof(d.e) = 'object' then d.e else '{}' end) as x (
		interface text, message_id text, kind text, at text, attempt text, correlation_id text,
		parent_id text, business_key text, entity text, facility text, partner text, partner_ref text,
		ordering_key text, stage text, component text, duration_ms text, http_status text,
		native_state text, class text, code text, text text, trace_id text, span_id text, due_at text,
		idempotency_key text, target_model text, target_ref text, event_id text, compensates text,
		payload jsonb)
	left join lateral jsonb_to_record(case when jsonb_typeof(x.payload) = 'object' then x.payload end) as y (
		kind text, content_type text, headers jsonb, body text, body_base64 text) on true
	cross join lateral (
		select
			case when x.at like '____-__-__T__:__:__%' and (x.at like '%Z' or right(x.at, 6) ~ zone)
				then x.at::timestamptz end as at,
			case when x.due_at like '____-__-__T__:__:__%' and (x.due_at like '%Z' or right(x.due_at, 6) ~ zone)
				then x.due_at::timestamptz end as due_at,
			case when x.attempt is null then 1
				when octet_length(x.attempt) <= 6 and x.attempt >= '0' then x.attempt::int end as attempt,
			case when jsonb_typeof(d.e) = 'object' then nullif(d.e - known, '{}') end as more
		offset 0
	) c;
	return result;
end
$$;

-- Reads what can be read. What cannot is found by halving, and comes back with its refusal.
create function orderly.parse(raw bytea[], first int default 1) returns orderly.parsed[]
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	half constant int := cardinality(raw) / 2;
	one orderly.parsed;
begin
	return orderly.parse_all(raw, first);
exception when data_exception or program_limit_exceeded then
	if half > 0 then
		return orderly.parse(raw[:half], first) || orderly.parse(raw[half + 1:], first + half);
	end if;
	one.n := first;
	one.refusal := 'unreadable';
	-- without the value, which may be of a payload
	one.detail := regexp_replace(left(sqlerrm, 300), '".*', '…');
	return array[one];
end
$$;
