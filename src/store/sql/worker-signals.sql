-- How long ago signals were last evaluated, and those that are open; one row at least.
-- > age_s real
-- > rule text
-- > object text
-- > severity text
select age_s, rule, object, severity from orderly.signals_open(200)
