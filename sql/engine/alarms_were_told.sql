-- The command was told of these.
update seqconsole.alarms_told set told_at = :'now'::timestamptz where key = any(:'keys'::text[]);
