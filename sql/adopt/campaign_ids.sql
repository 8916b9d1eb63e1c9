-- Of these messages, those that belong to no step and are not settled.
select m.id from broadcast_messages m
where m.id = any(:'ids'::uuid[]) and m.sequence_stepid is null
  and not exists (select 1 from seqconsole.codes f where f.source = 'foreign' and f.code = lower(m.status::text)
                    and f.meaning in ('sent', 'failed', 'skipped'));
