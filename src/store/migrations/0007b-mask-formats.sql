-- part
-- What mask rules do to documents, a function for each format.

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
