-- Which payload a replay of this dead letter would send.
-- :id int8
-- > key text
-- > content_type text
select encode(p.key, 'hex') as key, p.content_type from orderly.replay_payload_key(:id) p
