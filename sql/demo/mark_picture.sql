-- A database made only to be drawn: its clock stands still, and every gap is the same. What was planned by the true
-- clock before is planned by this one.
with planned as (
    update seqconsole.devices set slot_at = :'at'::timestamptz where slot_at > :'at'::timestamptz
)
insert into seqconsole.settings (scope, name, value) values
    ('database', 'mark', '"test"'),
    ('database', 'clock_offset', '"0 seconds"'),
    ('database', 'clock_frozen', to_jsonb(:'at'::timestamptz))
on conflict (scope, key, name) do update set value = excluded.value;
