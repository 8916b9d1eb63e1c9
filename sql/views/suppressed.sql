-- Who said stop, the latest first, at most :'limit'.
select h.key, h.since, h.reason, h.operation_id, o.who
from seqconsole.holds h
left join seqconsole.operations o on o.id = h.operation_id
where h.scope = 'contact' and h.holder = 'suppression' and h.until > :'now'::timestamptz
order by h.since desc, h.key
limit :'limit'::int;
