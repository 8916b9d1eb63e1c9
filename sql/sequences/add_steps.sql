-- Steps of a sequence; their place in the journal.
with made as (
    insert into sequence_steps (id, sequence_id, day_number, trigger_delay_hours, message_type, content, media_url, caption)
    select s.id, :'sequence'::uuid, s.day, s.wait, s.kind, s.content, s.media, s.caption
    from unnest(:'ids'::uuid[], :'days'::int[], :'waits'::int[], :'kinds'::text[], :'contents'::text[], :'medias'::text[], :'captions'::text[])
         as s(id, day, wait, kind, content, media, caption)
    returning *
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, :'sequence'::uuid::text, 'sequence_steps', m.id::text, null, row_to_json(m) from made m;
