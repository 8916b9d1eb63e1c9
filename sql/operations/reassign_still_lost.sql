-- The hold for which a device's future is moved still stands; its row stays locked, so that it is not lifted meanwhile.
select 1
from seqconsole.holds h
where h.scope = 'device' and h.key = (:'device'::uuid)::text and h.holder in ('gateway', 'breaker')
  and h.until = 'infinity' and not h.cold_only
limit 1
for share;
