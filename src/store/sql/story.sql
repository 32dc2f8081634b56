-- What an anomaly, a failure group, a signal or a probe is about, in sentences made from facts.
-- :what text
-- :id int8
-- > at time
-- > words text
select s.at, s.words from orderly.anomaly_story(:id) s where :what = 'anomaly'
union all
select s.at, s.words from orderly.group_story(:id) s where :what = 'group'
union all
select s.at, s.words from orderly.signal_story(:id) s where :what = 'signal'
union all
select s.at, s.words from orderly.probe_story(:id) s where :what = 'probe'
