-- How far the feed can be read, and who holds it back.
-- > era text
-- > xid text
-- > held_s real
-- > pid int
-- > who text
-- > what text
select h.era, h.xid, h.held_s, h.pid, h.who, h.what
from orderly.feed_horizon() h
