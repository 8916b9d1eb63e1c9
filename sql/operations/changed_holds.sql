-- Holds that no longer are as the operation left them; an expired one counts as gone.
select r.unit, coalesce(h.holder, a.holder) as holder, h.key is null as gone
from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
cross join lateral json_populate_record(null::seqconsole.holds, coalesce(r.after, r.before)) a
left join seqconsole.holds h on h.scope = a.scope and h.key = a.key and h.holder = a.holder
where r.rel = 'seqconsole.holds'
  and case
          when r.after is null then h.until > :'now'::timestamptz
          when h.key is null then a.until > :'now'::timestamptz
          else (h.until, h.since, h.reason) is distinct from (a.until, a.since, a.reason)
      end;
