-- The operator's own holds of exactly this scope that stand beyond the wait; expired ones are gone already.
select h.key
from seqconsole.holds h
where h.scope = :'scope' and h.key = any(:'keys'::text[]) and h.holder = 'operator'
  and h.until > greatest(:'now'::timestamptz, :'until'::timestamptz)
order by h.key;
