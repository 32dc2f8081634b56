-- Only what was changed of an edited item, field by field; wants a trace (replay-look) from before.
-- :item int8
-- > code text
-- > place text
-- > before text
-- > after text
select c.code, c.place, c.before, c.after from orderly.replay_changes(:item) c
