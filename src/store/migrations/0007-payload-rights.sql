-- kind: transaction
-- Who sees what of a payload. Raw bodies are read under a grant that was committed before; everyone
-- else reads the masked rendition, which a duty of the worker writes by governed rules.

set local role orderly_{store}_owner;

-- The version of the rules as a whole; a rendition carries the one it was made by.
create table orderly.mask_state (
	only_row bool primary key default true check (only_row),
	version int not null
);
insert into orderly.mask_state (version) values (1);

-- Interfaces whose renditions are being made anew; until then the old ones are not shown.
create table orderly.mask_redo (
	interface int primary key,
	version int not null,
	since timestamptz not null default clock_timestamp()
);

-- how: plain (nothing to hide), masked, whole (hidden altogether, `why` says for what reason), binary.
create table orderly.rendition (
	born date not null,
	transaction bigint not null,
	key bytea not null,
	interface int not null,
	facility smallint,
	arrived timestamptz not null,
	kind text,
	content_type text,
	headers jsonb,
	body text,
	bytes int not null,
	how text not null check (how in ('plain', 'masked', 'whole', 'binary')),
	why text,
	more text, -- what rules for documents leave of it; NULL when it is hidden whole
	rules int not null,
	made_at timestamptz not null default clock_timestamp(),
	primary key (transaction, key, born)
) partition by range (born);
create index rendition_by_arrival on orderly.rendition (arrived, transaction, key);
create index rendition_by_rules on orderly.rendition (interface, rules);
do $compression$
begin
	alter table orderly.rendition alter column body set compression lz4;
exception when feature_not_supported or invalid_parameter_value then
	null;
end
$compression$;

-- A facility that becomes known later moves the rendition with its payload.
create function orderly.rendition_follow() returns trigger
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	update orderly.rendition set facility = new.facility
	where born = new.born and transaction = new.transaction and key = new.key;
	return null;
end
$$;
create trigger rendition_follow after update of facility on orderly.payload
	for each row execute function orderly.rendition_follow();

-- A new, changed or removed rule makes what it touches, by its old and its new globs, to be redone.
create function orderly.mask_rule_changed() returns trigger
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	next_version int;
begin
	update orderly.mask_state set version = version + 1 returning version into next_version;
	insert into orderly.mask_redo (interface, version)
	select i.id, next_version from orderly.interface i
	where tg_op <> 'DELETE' and i.data_class = any (new.classes)
	      and i.code like any (select orderly.glob_like(g) from unnest(new.interfaces) g)
	   or tg_op <> 'INSERT' and i.data_class = any (old.classes)
	      and i.code like any (select orderly.glob_like(g) from unnest(old.interfaces) g)
	on conflict (interface) do update set version = excluded.version;
	return null;
end
$$;
create trigger mask_rule_changed after insert or update or delete on orderly.mask_rule
	for each row execute function orderly.mask_rule_changed();

-- The same when an interface comes to another data class.
create function orderly.mask_class_changed() returns trigger
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	next_version int;
begin
	update orderly.mask_state set version = version + 1 returning version into next_version;
	insert into orderly.mask_redo (interface, version) values (new.id, next_version)
	on conflict (interface) do update set version = excluded.version;
	return null;
end
$$;
create trigger mask_class_changed after update of data_class on orderly.interface
	for each row when (old.data_class is distinct from new.data_class)
	execute function orderly.mask_class_changed();

create function orderly.mask_version() returns int
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
return (select version from orderly.mask_state);

create function orderly.mask_redoing() returns int[]
language sql stable security definer
set search_path = pg_catalog, orderly, pg_temp
return (select coalesce(array_agg(interface), '{}') from orderly.mask_redo);

-- The functions from here to mask_one() are called by pinned ones only and have no search path of their
-- own: setting one costs as much as what most of them do.
--
-- Replaces what the path leads to. Arrays are passed through; ** stands for any number of steps.
create function orderly.mask_json(doc jsonb, path text[], put text) returns jsonb
language plpgsql immutable
as $$
declare
	step text := path[1];
	rest text[] := path[2:];
begin
	if cardinality(path) = 0 then
		return case when doc = 'null' then doc else to_jsonb(put) end;
	elsif jsonb_typeof(doc) = 'array' then
		return (select coalesce(jsonb_agg(case when jsonb_typeof(e) in ('array', 'object')
		                                  then orderly.mask_json(e, path, put) else e end order by n), '[]')
		        from jsonb_array_elements(doc) with ordinality a (e, n));
	elsif jsonb_typeof(doc) <> 'object' then
		return doc;
	elsif step = '**' then
		return orderly.mask_json((
			select coalesce(jsonb_object_agg(k, case when jsonb_typeof(v) in ('array', 'object')
				then orderly.mask_json(v, path, put) else v end), '{}')
			from jsonb_each(doc) o (k, v)), rest, put);
	elsif step = '*' then
		return (select coalesce(jsonb_object_agg(k, orderly.mask_json(v, rest, put)), '{}')
		        from jsonb_each(doc) o (k, v));
	elsif doc #> path <> 'null' and path[array_upper(path, 1)] <> '*' then
		return jsonb_set(doc, path, to_jsonb(put)); -- objects all the way
	elsif doc ? step then
		return doc || jsonb_build_object(step, orderly.mask_json(doc -> step, rest, put));
	end if;
	return doc;
end
$$;

-- The same for a matcher as it is written. Most documents do not have most names: asking the text is
-- cheaper than walking. A name at any depth whose values are all plain is replaced in the text, where
-- a quote within a string is escaped and cannot be taken for the end of a name.
create function orderly.mask_path(doc jsonb, words text, matcher text, put text) returns jsonb
language plpgsql immutable
as $$
declare
	path text[] := string_to_array(matcher, '.');
	name text := path[cardinality(path)];
	key text := to_jsonb(name)::text || ': ';
begin
	if name <> '*' and position(key in words) = 0 then
		return doc;
	elsif path[1] = '**' and cardinality(path) = 2 and name ~ '^\w+$'
	      and position(key || '{' in words) = 0 and position(key || '[' in words) = 0 then
		return regexp_replace(words, key || '(?:"(?:[^"\\]|\\.)*"|[-+.0-9eE]+|true|false)',
		                      key || replace(to_jsonb(put)::text, '\', '\\'), 'g')::jsonb;
	end if;
	return orderly.mask_json(doc, path, put);
end
$$;

-- Elements by local name with all that is in them, or an attribute. Sections and comments could hold
-- anything and are hidden whole; with a document type or an unclosed element nothing is certain.
create function orderly.mask_xml(body text, name text, put text) returns text
language plpgsql immutable
as $$
declare
	-- The first quantifier of a pattern decides for all of it: the shortest match.
	tag text := '(?:[\w.-]+?:){0,1}?' || ltrim(name, '@');
	shut text := replace(put, '\', '\\');
begin
	if body ~* '<!(DOCTYPE|ENTITY)' then
		raise exception 'a document type' using errcode = 'OR001';
	end if;
	body := regexp_replace(body, '<!--.*?-->', '', 'g');
	body := regexp_replace(body, '<!\[CDATA\[.*?\]\]>', shut, 'g');
	if left(name, 1) = '@' then
		return regexp_replace(body, '(\s' || tag || '\s*=\s*)(?:"[^"]*"|''[^'']*'')', '\1"' || shut || '"', 'g');
	end if;
	body := regexp_replace(body, '(<' || tag || '(?:\s[^>]*[^/>])?>)(?:.*?)(</' || tag || '\s*>)',
	                       '\1' || shut || '\2', 'g');
	-- Elements of that name within each other, or left open, do not come out even.
	if regexp_count(body, '<' || tag || '(?=[\s/>])') - regexp_count(body, '<' || tag || '(?:\s[^>]*)?/>')
	   <> regexp_count(body, '</' || tag || '\s*>') then
		raise exception 'an element that is not closed' using errcode = 'OR001';
	end if;
	return body;
end
$$;

-- One field, or one component of it in each repetition, of every segment of that name.
create function orderly.mask_segment(line text, sep text, comp_sep text, rep_sep text, field int, comp int,
                                     put text)
returns text
language plpgsql immutable
as $$
declare
	fields text[] := string_to_array(line, sep);
begin
	if coalesce(fields[field], '') = '' then
		return line;
	elsif comp is null then
		fields[field] := put;
	else
		fields[field] := (
			select string_agg((
				select string_agg(case when c.n = comp and c.v <> '' then put else c.v end, comp_sep order by c.n)
				from unnest(string_to_array(r.v, comp_sep)) with ordinality c (v, n)), rep_sep order by r.n)
			from unnest(string_to_array(fields[field], rep_sep)) with ordinality r (v, n));
	end if;
	return array_to_string(fields, sep);
end
$$;

create function orderly.mask_hl7(body text, matcher text, put text) returns text
language plpgsql immutable
as $$
declare
	name text := split_part(matcher, '-', 1);
	place text := split_part(matcher, '-', 2);
	field int := split_part(place, '.', 1)::int;
	comp int := nullif(split_part(place, '.', 2), '')::int;
	sep text := substr(body, 4, 1);
begin
	-- MSH-1 is the separator itself, so its fields are counted one lower.
	return (
		select string_agg(case when left(l.v, 3) = name and substr(l.v, 4, 1) = sep
			then orderly.mask_segment(l.v, sep, substr(body, 5, 1), substr(body, 6, 1),
			                          field + (name <> 'MSH')::int, comp, put)
			else l.v end, E'\r' order by l.n)
		from unnest(string_to_array(translate(replace(body, E'\r\n', E'\r'), E'\n', E'\r'), E'\r'))
			with ordinality l (v, n));
end
$$;

create function orderly.mask_x12(body text, matcher text, put text) returns text
language plpgsql immutable
as $$
declare
	name text := split_part(matcher, '-', 1);
	field int := split_part(matcher, '-', 2)::int + 1;
	sep text := substr(body, 4, 1);
	stop text := substr(body, 106, 1);
begin
	if length(body) < 106 then
		raise exception 'an envelope that is too short' using errcode = 'OR001';
	end if;
	return (
		select string_agg(case when ltrim(l.v, E'\r\n ') like name || '%'
		                        and substr(ltrim(l.v, E'\r\n '), length(name) + 1, 1) = sep
			then orderly.mask_segment(l.v, sep, null, null, field, null, put)
			else l.v end, stop order by l.n)
		from unnest(string_to_array(body, stop)) with ordinality l (v, n));
end
$$;

-- A column by its number, or by its name in the first row. The separator is the first of , ; and tab
-- that the first row holds outside of quotes.
create function orderly.mask_csv(body text, matcher text, put text) returns text
language plpgsql immutable
as $$
declare
	sep text := coalesce(substring(regexp_replace(split_part(body, E'\n', 1), '"[^"]*"', '', 'g')
	                     from '[,;' || E'\t' || ']'), ',');
	cells text := format('("(?:[^"]|"")*"|[^"%1$s\r\n]*)(%1$s|\r\n|\n|\r|$)', sep);
	answer text;
begin
	with read as (
		select m[1] as cell, m[2] as after, n
		from regexp_matches(body, cells, 'g') with ordinality r (m, n)
	), placed as (
		select cell, after, n, count(*) filter (where after <> sep) over before_it as row
		from read
		window before_it as (order by n rows between unbounded preceding and 1 preceding)
	), numbered as (
		select *, row_number() over (partition by row order by n) as col from placed
	), wanted as (
		select coalesce(
			(select col from numbered where row = 0 and lower(btrim(cell, '" ')) = lower(matcher) limit 1),
			case when matcher ~ '^[0-9]{1,4}$' then matcher::bigint end) as col,
			exists (select from numbered where row = 0 and lower(btrim(cell, '" ')) = lower(matcher)) as named
	)
	select string_agg(case when numbered.col = w.col and cell <> '' and not (w.named and row = 0)
	                       then '"' || replace(put, '"', '""') || '"' else cell end || after, '' order by n)
		into answer
	from numbered, (select * from wanted where col is not null) w;
	-- What no cell holds was not read: a quote in the middle of one shifts all columns behind it.
	if answer is null or (
		select string_agg(m[1] || m[2], '' order by n) is distinct from body
		from regexp_matches(body, cells, 'g') with ordinality r (m, n)) then
		raise exception 'a table without that column' using errcode = 'OR001';
	end if;
	return answer;
end
$$;

-- What a body is, judged by itself first: a label may be wrong, and the rules follow this.
create function orderly.mask_format(body text, content_type text) returns text
language plpgsql immutable
as $$
begin
	if body ~ '^\s*[{[]' or content_type ~* 'json' then
		begin
			perform body::jsonb;
			return 'json';
		exception when others then
			return 'text';
		end;
	end if;
	return case
		when body ~ '^(MSH|FHS|BHS)[^A-Za-z0-9\s]' then 'hl7'
		when body ~ '^ISA[^A-Za-z0-9\s]' then 'x12'
		when body ~ '^\s*<' then 'xml'
		when content_type ~* 'csv' then 'csv'
		else 'text' end;
end
$$;

-- A document that a pattern has changed; when it is none any more, no rule can look into it.
create function orderly.mask_reread(words text) returns jsonb
language plpgsql immutable
as $$
begin
	return words::jsonb;
exception when others then
	raise exception 'a pattern broke the document' using errcode = 'OR001';
end
$$;

-- Character references to plain letters, digits and signs as these themselves.
create function orderly.mask_plain_xml(body text) returns text
language plpgsql immutable
as $$
declare
	ref text;
	point int;
begin
	if position('&#' in body) = 0 then
		return body;
	end if;
	for ref in select distinct m[1] from regexp_matches(body, '&#(0*[0-9]{2,3}|[xX]0*[0-9A-Fa-f]{2});', 'g') m loop
		point := case when lower(left(ref, 1)) = 'x' then ('x' || right(ref, 2))::bit(8)::int else ref::int end;
		if point between 32 and 126 and chr(point) !~ '[<>&"'']' then
			body := replace(body, '&#' || ref || ';', chr(point));
		end if;
	end loop;
	return body;
end
$$;

-- Applies the rules to a text. An interface with rules of which none reads this format, and one of a
-- protected class without rules, get nothing to show: `why` says so.
create function orderly.mask_body(body text, format text, rules orderly.mask_rule[], protected bool,
                                  out shown text, out how text, out why text)
language plpgsql immutable
as $$
declare
	r orderly.mask_rule;
	covered bool := false;
	doc jsonb;
	next_doc jsonb;
	start text := body;
begin
	-- Patterns and names are looked for in the one spelling: no escape hides a letter from them.
	if cardinality(rules) > 0 and format = 'json' then
		doc := body::jsonb;
		start := doc::text;
	elsif cardinality(rules) > 0 and format = 'xml' then
		start := orderly.mask_plain_xml(body);
	end if;
	shown := start;
	foreach r in array rules loop
		covered := covered or r.kind in (format, 'regex', 'all');
		if r.kind = 'json' and format = 'json' then
			next_doc := orderly.mask_path(doc, shown, r.matcher, r.replacement);
			if next_doc <> doc then
				doc := next_doc;
				shown := doc::text;
			end if;
		elsif r.kind = 'regex' and shown ~ r.matcher then
			shown := regexp_replace(shown, r.matcher, r.replacement, 'g');
			if format = 'json' then
				doc := orderly.mask_reread(shown);
				shown := doc::text;
			end if;
		elsif r.kind = 'all' then
			shown := r.replacement;
			exit;
		elsif r.kind = format then
			shown := case format
				when 'xml' then orderly.mask_xml(shown, r.matcher, r.replacement)
				when 'hl7' then orderly.mask_hl7(shown, r.matcher, r.replacement)
				when 'x12' then orderly.mask_x12(shown, r.matcher, r.replacement)
				when 'csv' then orderly.mask_csv(shown, r.matcher, r.replacement) end;
		end if;
	end loop;
	if not covered and (protected or cardinality(rules) > 0) then
		shown := null;
		how := 'whole';
		why := 'no rule covers this format: ' || format;
	elsif shown = start then
		shown := body;
		how := 'plain';
	else
		how := 'masked';
	end if;
exception when others then
	shown := null;
	how := 'whole';
	why := 'could not be masked: ' || case when sqlstate = 'OR001' then sqlerrm else sqlstate end;
end
$$;

-- Header values. Of a protected class only those are shown that never carry anything of a person.
create function orderly.mask_headers(headers jsonb, rules orderly.mask_rule[], protected bool) returns jsonb
language plpgsql immutable
as $$
declare
	answer jsonb := '{}';
	h record;
	r orderly.mask_rule;
	v text;
begin
	if headers is null or jsonb_typeof(headers) <> 'object' then
		return null;
	end if;
	for h in select key, value from jsonb_each_text(headers) loop
		v := h.value;
		foreach r in array rules loop
			v := case when r.kind = 'all' or r.kind = 'header' and lower(r.matcher) = lower(h.key)
			          then r.replacement
			          when r.kind = 'regex' then regexp_replace(v, r.matcher, r.replacement, 'g')
			          else v end;
		end loop;
		if protected and v = h.value and lower(h.key) <> all (array['accept', 'content-encoding',
			'content-length', 'content-type', 'date', 'host', 'retry-after', 'server', 'user-agent',
			'x-request-id', 'x-correlation-id', 'traceparent']) then
			v := '•••';
		end if;
		answer := answer || jsonb_build_object(h.key, v);
	end loop;
	return answer;
end
$$;

-- Makes one rendition, from the raw payload and the rules given.
create function orderly.mask_one(p orderly.payload, body_rules orderly.mask_rule[],
                                 header_rules orderly.mask_rule[], protected bool, rules int, most int)
returns void
language plpgsql
as $$
declare
	words text;
	m record;
	more text;
begin
	if p.more is not null then
		more := (select b.shown from orderly.mask_body(p.more::text, 'json', body_rules, protected) b);
	end if;
	if p.body is null then
		select null::text as shown, 'plain' as how, null::text as why into m;
	elsif length(p.body) > most then
		select null::text as shown, 'whole' as how, format('larger than %s bytes', most) as why into m;
	else
		begin
			words := convert_from(p.body, 'UTF8');
		exception when others then
			select null::text as shown, 'binary' as how, null::text as why into m;
		end;
	end if;
	if words is not null then
		m := orderly.mask_body(words, orderly.mask_format(words, p.content_type), body_rules, protected);
	end if;
	insert into orderly.rendition (born, transaction, key, interface, facility, arrived, kind, content_type,
	                               headers, body, bytes, how, why, more, rules)
	values (p.born, p.transaction, p.key, p.interface, p.facility, p.arrived, p.kind, p.content_type,
	        orderly.mask_headers(p.headers, header_rules, protected), m.shown,
	        coalesce(length(p.body), 0), m.how, m.why, more, rules)
	on conflict (transaction, key, born) do update
	set headers = excluded.headers, body = excluded.body, how = excluded.how, why = excluded.why,
	    more = excluded.more, rules = excluded.rules, made_at = clock_timestamp();
end
$$;

-- Makes what waits, then what has to be made anew: an interface at a time, newest first, until no
-- rendition of it is older than the rules.
create function orderly.duty_mask(budget int) returns int
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	p orderly.payload;
	of_interface int := -1;
	body_rules orderly.mask_rule[];
	header_rules orderly.mask_rule[];
	protected bool;
	redo record;
	version int;
	most int := orderly.setting_int('mask.max_bytes', 2097152);
	done int := 0;
begin
	-- A change of the rules waits until what was begun under the old ones is committed, so that the
	-- redoing finds it.
	select s.version into version from orderly.mask_state s for share;
	for p in
		with taken as (
			delete from orderly.mask_pending m
			where m.ctid = any (array(select w.ctid from orderly.mask_pending w
			                          order by w.born desc, w.transaction desc
			                          limit budget for update skip locked))
			returning m.*)
		select y.* from taken t
		join orderly.payload y on y.born = t.born and y.transaction = t.transaction and y.key = t.key
		order by y.interface
	loop
		if p.interface <> of_interface then
			of_interface := p.interface;
			select array(select r from orderly.mask_rules(p.interface, 'payload') r),
			       array(select r from orderly.mask_rules(p.interface, 'headers') r),
			       (select i.data_class in ('confidential', 'phi') from orderly.interface i where i.id = p.interface)
				into body_rules, header_rules, protected;
		end if;
		perform orderly.mask_one(p, body_rules, header_rules, protected, version, most);
		done := done + 1;
	end loop;
	for redo in select r.interface, r.version from orderly.mask_redo r order by r.since limit 1 loop
		exit when done >= budget;
		with old as (
			select y.born, y.transaction, y.key from orderly.rendition y
			where y.interface = redo.interface and y.rules < redo.version
			order by y.born desc, y.transaction desc limit budget - done)
		insert into orderly.mask_pending (transaction, key, born)
		select transaction, key, born from old
		on conflict do nothing;
		if not exists (select from orderly.rendition y
		               where y.interface = redo.interface and y.rules < redo.version) then
			delete from orderly.mask_redo r where r.interface = redo.interface and r.version = redo.version;
		else
			done := done + 1; -- so that the worker comes again at once
		end if;
	end loop;
	return done;
end
$$;

-- Tries rules on samples before they are proposed: what the payload would look like. The rules are
-- documents as change_propose() takes them; the samples are the caller's own text.
create function orderly.mask_try(rules jsonb, body text, content_type text default null,
                                 protected bool default true)
returns table (shown text, how text, why text)
language plpgsql stable security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
begin
	return query
	select m.shown, m.how, m.why
	from orderly.mask_body(body, orderly.mask_format(body, content_type), array(
		select jsonb_populate_record(null::orderly.mask_rule,
		                             orderly.catalogue_norm('mask_rule', null, e - 'code'))
		from jsonb_array_elements(rules) e), protected) m;
end
$$;

-- A grant: who may look at what raw, why and until when. It counts from the next transaction on,
-- because only then has its trace been committed.
create table orderly.payload_grant (
	id bigint generated always as identity primary key,
	xid xid8 not null default pg_current_xact_id(),
	what text not null check (what in ('reveal', 'search', 'export', 'look')),
	person int not null references orderly.person (id),
	login text not null,
	transaction bigint,
	interfaces int[],
	since timestamptz,
	upto timestamptz,
	above bigint, -- of a look: transactions above this number, up to that one
	last bigint,
	filter text,
	reason text not null,
	at timestamptz not null default clock_timestamp(),
	until timestamptz not null,
	ended_at timestamptz,
	constraint payload_grant_shape check (
		(what = 'reveal') = (transaction is not null)
		and (what = 'reveal') = (interfaces is null)
		and (what = 'reveal') = (since is null) and (since is null) = (upto is null)
		and (what = 'look') = (above is not null) and (above is null) = (last is null))
);
create index payload_grant_person on orderly.payload_grant (person, id);
create index payload_grant_transaction on orderly.payload_grant (transaction) where transaction is not null;

insert into orderly.refusal_code values
	('window', 'the window of time is empty or too wide'),
	('minutes', 'the time asked for is too long'),
	('grant', 'there is no such grant of yours'),
	('grant_ended', 'the grant has ended'),
	('grant_same', 'the grant counts from the next transaction on; commit first');

create function orderly.payload_minutes(asked int) returns int
language sql stable
set search_path = pg_catalog, orderly, pg_temp
return case when coalesce(asked, 0) = 0 then least(10, orderly.setting_int('reveal.max_minutes', 30))
            when asked between 1 and orderly.setting_int('reveal.max_minutes', 30) then asked end;

-- Whether a transaction lies within the session's scope.
create function orderly.transaction_in_scope(id bigint) returns bool
language sql stable
set search_path = pg_catalog, orderly, pg_temp
begin atomic
	select exists (
		select from orderly.message m
		where m.id = transaction_in_scope.id and m.interface = any (orderly.my_interfaces())
		  and (m.facility is null or m.facility = any (orderly.my_facilities())));
end;

-- Asks to see the raw payloads of one transaction. minutes 0: the usual time.
create function orderly.reveal_ask(transaction bigint, reason text, minutes int default 0)
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
	lasts int := orderly.payload_minutes(minutes);
	why text;
	made orderly.payload_grant;
begin
	-- What does not exist and what lies out of scope get the same answer: nothing can be probed.
	why := coalesce(who.code, case
		when not orderly.has_reason(reason) then 'reason'
		when lasts is null then 'minutes'
		when not orderly.transaction_in_scope(transaction) then 'not_found' end);
	if why is not null then
		return orderly.refuse('reveal_ask', 'transaction', transaction::text, why, reason);
	end if;
	insert into orderly.payload_grant (what, person, login, transaction, reason, until)
	values ('reveal', who.person, session_user, transaction, btrim(reason),
	        clock_timestamp() + make_interval(mins => lasts))
	returning * into made;
	return orderly.done('reveal_ask', 'transaction', transaction::text, made.id, reason,
		jsonb_build_object('grant', made.id, 'minutes', lasts, 'until', to_jsonb(made.until)));
end
$$;

-- Asks to look through the raw payloads of some interfaces within a window of arrival, for a search
-- or an export. `filter` is what the person looks for, for the record.
create function orderly.payload_ask(what text, interfaces int[], since timestamptz, upto timestamptz,
                                    filter text, reason text, minutes int default 0)
returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	act text := 'payload_' || case when what = 'export' then 'export' else 'search' end;
	who record := orderly.gate(array['operator']);
	lasts int := orderly.payload_minutes(minutes);
	why text;
	made orderly.payload_grant;
begin
	if what is null or what not in ('search', 'export') then
		raise exception 'payload_ask: what is "search" or "export"' using errcode = '22023';
	end if;
	why := coalesce(who.code, case
		when not orderly.has_reason(reason) then 'reason'
		when lasts is null then 'minutes'
		when coalesce(cardinality(interfaces), 0) = 0 or array_position(interfaces, null) is not null
		     or not interfaces <@ orderly.my_interfaces() then 'scope'
		when not coalesce(since < upto and upto <=
		     since + make_interval(hours => orderly.setting_int('search.max_hours', 168)), false) then 'window' end);
	if why is not null then
		return orderly.refuse(act || '_ask', 'payload', null, why, reason,
			jsonb_build_object('filter', left(filter, 1000)));
	end if;
	insert into orderly.payload_grant (what, person, login, interfaces, since, upto, filter, reason, until)
	values (what, who.person, session_user, interfaces, since, upto, left(filter, 1000), btrim(reason),
	        clock_timestamp() + make_interval(mins => lasts))
	returning * into made;
	return orderly.done(act || '_ask', 'payload', null, made.id, reason,
		jsonb_build_object('grant', made.id, 'filter', made.filter, 'interfaces', to_jsonb(interfaces),
			'since', to_jsonb(since), 'upto', to_jsonb(upto), 'until', to_jsonb(made.until)));
end
$$;

-- Ends a grant before its time.
create function orderly.grant_end(id bigint) returns orderly.result
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who int := (select p.id from orderly.login l join orderly.person p on p.code = l.person
	            where l.code = session_user::text);
begin
	update orderly.payload_grant g set ended_at = clock_timestamp()
	where g.id = grant_end.id and g.person = who and g.ended_at is null;
	if not found then
		return orderly.refuse('grant_end', 'grant', id::text, 'grant');
	end if;
	return orderly.done('grant_end', 'grant', id::text, id);
end
$$;

-- Why the session cannot read under the grant now; NULL when it can.
create function orderly.grant_obstacle(g orderly.payload_grant, whats text[]) returns text
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	who record := orderly.gate(array['operator']);
begin
	return coalesce(who.code, case
		when g.id is null or g.person <> who.person or g.login <> session_user::text
		     or g.what <> all (whats) then 'grant'
		when g.xid = pg_current_xact_id_if_assigned() then 'grant_same'
		when g.ended_at is not null or g.until <= clock_timestamp() then 'grant_ended' end);
end
$$;

-- One raw payload, or the refusal: code says which, the other columns are then null.
create type orderly.raw_payload as (
	code text,
	message text,
	transaction bigint,
	key bytea,
	interface int,
	arrived timestamptz,
	kind text,
	content_type text,
	headers jsonb,
	body bytea
);
grant usage on type orderly.raw_payload to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;

create function orderly.raw_refusal(act text, grant_id bigint, why text) returns orderly.raw_payload
language plpgsql
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	r orderly.result := orderly.refuse(act, 'grant', grant_id::text, why);
	answer orderly.raw_payload;
begin
	answer.code := r.code;
	answer.message := r.message;
	return answer;
end
$$;

-- The raw payloads of the transaction that the grant names.
create function orderly.payload_read(grant_id bigint) returns setof orderly.raw_payload
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	g orderly.payload_grant;
	why text;
begin
	select * into g from orderly.payload_grant where id = grant_id;
	why := coalesce(orderly.grant_obstacle(g, array['reveal']),
		case when not orderly.transaction_in_scope(g.transaction) then 'scope' end);
	if why is not null then
		return next orderly.raw_refusal('payload_read', grant_id, why);
		return;
	end if;
	perform orderly.audit_add('payload_read', 'transaction', g.transaction::text, 'done', g.reason,
		jsonb_build_object('grant', g.id));
	return query
	select 'done', null::text, y.transaction, y.key, y.interface, y.arrived, y.kind, y.content_type,
	       y.headers, y.body
	from orderly.message m
	join orderly.payload y on y.born = m.born and y.transaction = m.id
	where m.id = g.transaction
	order by y.arrived, y.key;
end
$$;

-- The raw payloads of a search or an export, a page at a time, the newest first; the place is that of
-- the last row, or null to begin. What has no rendition yet is not found here either.
create function orderly.payload_scan(grant_id bigint, after_arrived timestamptz default null,
                                     after_transaction bigint default null, after_key bytea default null,
                                     page int default 100)
returns setof orderly.raw_payload
language plpgsql security definer
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	g orderly.payload_grant;
	why text;
begin
	select * into g from orderly.payload_grant where id = grant_id;
	why := coalesce(orderly.grant_obstacle(g, array['search', 'export']),
		case when not g.interfaces <@ orderly.my_interfaces() then 'scope' end);
	if why is not null then
		return next orderly.raw_refusal('payload_scan', grant_id, why);
		return;
	end if;
	if after_arrived is null then
		perform orderly.audit_add('payload_' || g.what, 'payload', null, 'done', g.reason,
			jsonb_build_object('grant', g.id, 'filter', g.filter));
	end if;
	return query
	select 'done', null::text, y.transaction, y.key, y.interface, y.arrived, y.kind, y.content_type,
	       y.headers, y.body
	from orderly.rendition s
	join orderly.payload y on y.born = s.born and y.transaction = s.transaction and y.key = s.key
	where s.born <= (g.upto at time zone 'UTC')::date and s.arrived >= g.since and s.arrived < g.upto
	  and (s.arrived, s.transaction, s.key) < (coalesce(after_arrived, g.upto),
	      coalesce(after_transaction, 0), coalesce(after_key, ''))
	  and s.interface = any (g.interfaces)
	  and (y.facility = any (orderly.my_facilities()) or y.facility is null and exists (
	       select from orderly.message m where m.id = y.transaction
	         and (m.facility is null or m.facility = any (orderly.my_facilities()))))
	order by s.arrived desc, s.transaction desc, s.key desc
	limit least(greatest(page, 1), 1000);
end
$$;

-- What the one who decides about an edited payload sees belongs to the replays; here only rights.
grant select on orderly.mask_state to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;
grant select on orderly.rendition to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver;
grant select on orderly.payload_grant to orderly_{store}_support, orderly_{store}_operator,
	orderly_{store}_approver, orderly_{store}_security, orderly_{store}_admin;
grant execute on function orderly.reveal_ask(bigint, text, int),
	orderly.payload_ask(text, int[], timestamptz, timestamptz, text, text, int), orderly.grant_end(bigint),
	orderly.payload_read(bigint), orderly.payload_scan(bigint, timestamptz, bigint, bytea, int),
	orderly.mask_try(jsonb, text, text, bool), orderly.mask_version(), orderly.mask_redoing()
	to orderly_{store}_support, orderly_{store}_operator, orderly_{store}_approver,
	   orderly_{store}_security, orderly_{store}_admin;

-- Renditions live and go with their payloads.
select orderly.partitions_make(now() + interval '40 days');

alter table orderly.rendition enable row level security;
create policy rendition_read on orderly.rendition for select
	using (interface = any ((select orderly.my_interfaces())::int[])
	       and (facility = any ((select orderly.my_facilities())::smallint[])
	            -- no "exists": that may be answered by reading all messages into a hash
	            or facility is null and (select true from orderly.message m where m.id = transaction))
	       and (rules >= (select orderly.mask_version())
	            or interface <> all ((select orderly.mask_redoing())::int[])));
alter table orderly.payload_grant enable row level security;
create policy payload_grant_read on orderly.payload_grant for select
	using (person = (select orderly.my_person())
	       or (select orderly.my_roles()) && array['security', 'approver']);

-- What must always hold of rights, catalogue and audit; check_invariants() puts it beside its own.
create function orderly.check_rights() returns table (name text, ok bool, detail text)
language plpgsql stable
set search_path = pg_catalog, orderly, pg_temp
as $$
declare
	groups text[] := array['orderly_{store}_support', 'orderly_{store}_operator', 'orderly_{store}_approver',
		'orderly_{store}_security', 'orderly_{store}_admin', 'orderly_{store}_ingest', 'orderly_{store}_worker'];
	found text;
	k record;
begin
	select string_agg(distinct g || ' ' || c.relname, ', ') into found
	from pg_class c, unnest(groups) g
	where c.relnamespace = 'orderly'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
	  and (has_table_privilege(g, c.oid, 'insert, update, delete, truncate, references, trigger')
	       or has_any_column_privilege(g, c.oid, 'insert, update, references'));
	return query select 'no group role writes a table', found is null, found;

	select string_agg(g || ' ' || c.relname, ', ') into found
	from pg_class c, unnest(groups) g
	where c.relnamespace = 'orderly'::regnamespace
	  and (c.relname in ('payload', 'audit_key') or c.relispartition)
	  and c.relkind in ('r', 'p') and has_any_column_privilege(g, c.oid, 'select');
	return query select 'no group role reads raw payloads or a partition', found is null, found;

	select string_agg(p.oid::regprocedure::text, ', ') into found
	from pg_proc p
	where p.pronamespace = 'orderly'::regnamespace
	  and (has_function_privilege('public', p.oid, 'execute')
	       or p.prosecdef and not coalesce(
	           p.proconfig @> array['search_path=pg_catalog, orderly, pg_temp'], false));
	return query select 'functions are granted by name and pinned', found is null, found;

	select string_agg(r.rolname, ', ') into found
	from pg_roles r
	where r.rolname = any (array_append(groups, 'orderly_{store}_owner'))
	  and (r.rolcanlogin or r.rolsuper or r.rolbypassrls or r.rolcreaterole);
	return query select 'group roles cannot connect, nor do more than their grants', found is null, found;

	-- A login that owns the schema could do without every rule.
	select string_agg(l.code, ', ') into found
	from orderly.login l join pg_roles r on r.rolname = l.code
	where l.person is not null and (r.rolsuper or r.rolbypassrls or r.rolcreaterole
	      or exists (select from pg_auth_members m join pg_roles o on o.oid = m.roleid
	                 where m.member = r.oid and o.rolname = 'orderly_{store}_owner'));
	return query select 'no person of the store works with the rights of its owner', found is null, found;

	select string_agg(d.change::text, ', ') into found
	from orderly.change_decision d join orderly.change c on c.id = d.change
	where d.proposer <> c.proposer or d.decider = c.proposer
	   or (c.state = 'applied') <> (d.verdict = 'approved');
	return query select 'each decided change has the eyes of two persons', found is null, found;

	found := null;
	for k in select code from orderly.kind loop
		execute format(
			'select concat_ws('', '', $1, string_agg(%1$L || '' '' || coalesce(o.code, v.code), '', ''))
			 from orderly.%1$I o
			 full join (select distinct on (code) * from orderly.catalogue_version where kind = %1$L
			            order by code, version desc) v on v.code = o.code
			 where o.version is distinct from v.version and not (o.code is null and v.doc is null)
			    or o.code is not null and orderly.catalogue_norm(%1$L, v.code, v.doc) is distinct from
			       orderly.catalogue_norm(%1$L, o.code, to_jsonb(o))', k.code)
			into found using found;
		found := nullif(found, '');
	end loop;
	return query select 'each object is as its last version says', found is null, found;

	select string_agg(y.transaction || '/' || encode(y.key, 'hex'), ', ') into found
	from (select p.transaction, p.key from orderly.payload p
	      where not exists (select from orderly.rendition r
	                        where r.born = p.born and r.transaction = p.transaction and r.key = p.key)
	        and not exists (select from orderly.mask_pending w
	                        where w.born = p.born and w.transaction = p.transaction and w.key = p.key)
	      limit 10) y;
	return query select 'each payload has a masked rendition or waits for one', found is null, found;

	select string_agg(y.transaction || '/' || encode(y.key, 'hex'), ', ') into found
	from (select r.transaction, r.key from orderly.rendition r
	      where not exists (select from orderly.payload p
	                        where p.born = r.born and p.transaction = r.transaction and p.key = r.key
	                          and p.facility is not distinct from r.facility)
	      limit 10) y;
	return query select 'each rendition stands beside its payload', found is null, found;

	select string_agg(w.problem || coalesce(' at ' || w.nr, ''), ', ') into found
	from (select e.nr, e.problem from orderly.audit_ends(null) e
	      union all
	      select e.nr, e.problem
	      from orderly.audit_chain c
	      left join (select a.nr, a.hash from orderly.audit_anchor a order by a.nr desc limit 1) a on true
	      cross join lateral orderly.audit_walk(
	          coalesce(a.hash, sha256(convert_to('orderly audit of {store}', 'UTF8'))),
	          coalesce(a.nr, 0) + 1, c.nr) e) w;
	return query select 'the audit is whole', found is null, found;
end
$$;
