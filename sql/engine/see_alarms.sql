-- These alarms are still there; those that have been gone for a day are forgotten.
with gone as (
    delete from seqconsole.alarms_told t
    where t.seen_at < :'now'::timestamptz - interval '1 day' and t.key <> all(:'keys'::text[])
)
update seqconsole.alarms_told t
set seen_at = :'now'::timestamptz
where t.key = any(:'keys'::text[]) and t.seen_at between :'now'::timestamptz - interval '15 minutes'
                                                     and :'now'::timestamptz - interval '1 minute';
