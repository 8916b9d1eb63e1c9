-- One holder's holds of exactly this scope that stand beyond the wait, in the order of their keys.
select h.scope, h.key, null::text as name, h.holder, h.cold_only, h.reason, h.since, nullif(h.until, 'infinity') as until
from seqconsole.holds h
where h.scope = :'scope' and h.key = any(:'keys'::text[]) and h.holder = :'holder'
  and h.until > :'until'::timestamptz and h.until > :'now'::timestamptz
order by h.key;
