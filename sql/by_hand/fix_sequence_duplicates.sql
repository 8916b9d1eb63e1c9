-- Keeps one contact row of each person and step, releases what is stuck, and builds the missing unique key:
-- in one transaction, with everything that is removed or changed kept whole, and without sending anybody anything twice.
-- For a database that seqconsole has not adopted; there it refuses (`seqconsole duplicates --resolve` does it).
--
--   psql -v country=60 -v zone=Asia/Kuala_Lumpur -v dry_run=1 -f fix_sequence_duplicates.sql "service=work"
--   psql -v country=60 -v zone=Asia/Kuala_Lumpur              -f fix_sequence_duplicates.sql "service=work"
--
-- Stop what sends first: while it runs, nobody else can write to the two tables (it waits at most 10 s to get there).
-- Running it again changes nothing more. Variables (-v name=value), all optional:
--   country        country code of national numbers (0...); without it they are nobody's duplicates
--   zone           zone of times without one; the server's where none is given
--   schema         where the tables are (public)
--   archive        schema of the archive, made where it is missing (sequence_archive)
--   stuck_minutes  how long a row must have been in work to be released (60)
--   build_key      0 = leave the unique key alone
--   dry_run        1 = say everything, keep nothing
--
-- Which row stays (the first rule that separates them): completed > a live claim (30 minutes) > a state of another
-- program > active > failed > skipped > pending; then the earliest completed_at, the earliest next_trigger_time, the
-- lowest id. What any of them knows belongs to the one that stays: a message that was sent makes it completed, one in
-- doubt keeps it from being sent, its completion is the earliest, its retry count the highest.
-- A group is left alone, and named, while one of its messages is in flight (taken within the last hour), or where
-- another table points at a row that would go.
--
-- To bring back what run N removed (once no unique key forbids it):
--   insert into sequence_contacts select (json_populate_record(null::sequence_contacts, before)).*
--   from sequence_archive.rows where run = N and rel = 'sequence_contacts' and after is null;
\set ON_ERROR_STOP on
\ir phone_key.sql
\if :{?schema}
\else
    \set schema public
\endif
\if :{?archive}
\else
    \set archive sequence_archive
\endif
\if :{?stuck_minutes}
\else
    \set stuck_minutes 60
\endif
\if :{?build_key}
\else
    \set build_key 1
\endif
\if :{?dry_run}
\else
    \set dry_run 0
\endif

begin;
set local lock_timeout = '10s';
set local search_path = :"schema";
\if :{?zone}
    select set_config('TimeZone', :'zone', true) as zone_of_times;
\endif

do $$ begin
    if exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where n.nspname = 'seqconsole' and c.relname = 'deliveries') then
        raise exception 'seqconsole has adopted this database: use `seqconsole duplicates --resolve`, which keeps its ledger right';
    end if;
end $$;

lock table sequence_contacts, broadcast_messages in share row exclusive mode;

create schema if not exists :"archive";
create table if not exists :"archive".rows (
    run bigint not null,
    at timestamptz not null,
    rel text not null,
    row_id text not null,
    why text not null,
    before json not null,
    after json,
    primary key (run, rel, row_id)
);
comment on table :"archive".rows is 'Rows as they were before fix_sequence_duplicates.sql; after is null where the row was removed.';
select coalesce(max(run), 0) + 1 as run from :"archive".rows \gset

-- 1. The groups: same sequence, same person, same step, over all spellings.
create temp table fix_copy on commit drop as
with keyed as (
    select c.id, c.sequence_id, c.sequence_stepid::text as step, :phone_key as person
    from (select id, sequence_id, sequence_stepid, contact_phone::text as phone from sequence_contacts) c
    where c.sequence_id is not null and c.sequence_stepid is not null
),
grouped as (
    select sequence_id, step, person
    from keyed
    where person is not null and step in (select id::text from sequence_steps)
    group by sequence_id, step, person
    having count(*) > 1
)
select dense_rank() over (order by k.sequence_id, k.step, k.person) as nr, k.id, k.step, k.person,
       lower(c.status::text) as status, c.completed_at::timestamptz as completed_at,
       c.next_trigger_time::timestamptz as next_trigger_time, c.retry_count,
       c.processing_device_id is not null and c.processing_started_at::timestamptz > now() - interval '30 minutes' as claimed
from keyed k
join grouped g using (sequence_id, step, person)
join sequence_contacts c on c.id = k.id;

-- 2. Every message of every person and step that this script judges, and what its state means.
create temp table fix_message on commit drop as
select m.id, m.step, m.person, m.status, m.sent_at, m.touched_at, m.error_message,
       case
           when m.status in ('sent', 'success', 'delivered') then 'sent'
           when m.status = 'pending' then 'pending'
           when m.status in ('failed', 'error') then 'failed'
           when m.status in ('skipped', 'cancelled', 'expired') then 'skipped'
           when m.status = 'unknown' then 'unknown'
           when m.touched_at > now() - interval '1 hour' then 'in flight'
           else 'unknown'
       end as meaning
from (
    select id, sequence_stepid::text as step, :phone_key as person, lower(status::text) as status,
           coalesce(sent_at, updated_at)::timestamptz as sent_at, updated_at::timestamptz as touched_at, error_message::text
    from (select id, sequence_stepid, recipient_phone::text as phone, status, sent_at, updated_at, error_message
          from broadcast_messages where sequence_stepid is not null) m
) m
where m.person is not null;
create index on fix_message (person, step);
analyze fix_message;

-- 3. Rows that other tables point at: they can't go.
create temp table fix_referenced (id text primary key, by text) on commit drop;
do $$
declare
    key record;
begin
    for key in
        select c.conrelid::regclass::text as name, string_agg(format('r.%I = t.%I', a.attname, f.attname), ' and ') as pairs
        from pg_constraint c
        cross join lateral unnest(c.conkey, c.confkey) as k(own, other)
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.own
        join pg_attribute f on f.attrelid = c.confrelid and f.attnum = k.other
        where c.contype = 'f' and c.confrelid = 'sequence_contacts'::regclass and c.conparentid = 0
        group by c.oid, c.conrelid
    loop
        execute format('insert into fix_referenced select distinct t.id::text, %L from fix_copy g join sequence_contacts t '
                       'on t.id = g.id join %s r on %s on conflict do nothing', key.name, key.name, key.pairs);
    end loop;
end $$;

-- 4. The verdict on each group.
create temp table fix_ranked on commit drop as
with proven as (   -- with a message, the first completion is the row that it was sent for
    select distinct on (c.nr) c.nr, c.id
    from fix_copy c
    where c.status = 'completed' and exists (select 1 from fix_message m where m.person = c.person and m.step = c.step)
    order by c.nr, c.completed_at, c.id
),
levelled as (
    select c.*, case
                    when p.id is not null then 1
                    when c.status = 'completed' then 2
                    when c.claimed then 3
                    when c.status is null or c.status not in ('active', 'failed', 'skipped', 'pending') then 4
                    when c.status = 'active' then 5
                    when c.status = 'failed' then 6
                    when c.status = 'skipped' then 7
                    else 8
                end as level
    from fix_copy c
    left join proven p on p.nr = c.nr and p.id = c.id
)
select l.*, row_number() over survivorship as place,
       case
           when level is distinct from lead(level) over survivorship then
               (array['the row its message was sent for', 'completed', 'a live claim', 'a state of another program',
                      'active', 'failed', 'skipped', 'pending'])[level]
           when completed_at is distinct from lead(completed_at) over survivorship then 'the earliest completed_at'
           when next_trigger_time is distinct from lead(next_trigger_time) over survivorship
               then 'the earliest next_trigger_time'
           else 'the lowest id'
       end as rule
from levelled l
window survivorship as (partition by nr order by level, completed_at, next_trigger_time, id);

create temp table fix_verdict on commit drop as
with of_group as (
    select nr, person, step, coalesce(bool_or(status = 'active'), false) as any_active, max(retry_count) as most_retries,
           min(completed_at) filter (where status = 'completed') as completed_at,
           coalesce(bool_or(status = 'completed'), false) as any_completed
    from fix_copy
    group by nr, person, step
),
known as (
    select g.nr, bool_or(m.meaning = 'sent') as sent, min(coalesce(m.sent_at, now())) filter (where m.meaning = 'sent') as sent_at,
           bool_or(m.meaning = 'unknown') as doubt, bool_or(m.meaning = 'in flight') as flight,
           (array_agg(m.id order by m.sent_at, m.id) filter (where m.meaning = 'pending'))[1] as queued
    from of_group g
    join fix_message m on m.person = g.person and m.step = g.step
    group by g.nr
),
judged as (
    select g.nr, g.person, g.step, s.id as survivor, s.rule, s.status as old_status, g.most_retries, k.queued, k.doubt,
           g.any_completed or coalesce(k.sent, false) as is_sent,
           case when g.any_completed or k.sent then 'completed'
                when k.doubt then 'active'
                when s.status = 'pending' and (g.any_active or k.queued is not null) then 'active'
                else s.status end as result,
           least(g.completed_at, k.sent_at) as known_at, s.completed_at as own_at,
           case
               when k.flight then 'a message of it is in flight'
               else (select 'row ' || r.id || ' is referenced by ' || r.by
                     from fix_ranked x
                     join fix_referenced r on r.id = x.id::text
                     where x.nr = g.nr and x.place > 1
                     order by r.id limit 1)
           end as refused
    from of_group g
    join fix_ranked s on s.nr = g.nr and s.place = 1
    left join known k on k.nr = g.nr
)
select j.*,
       case when not j.is_sent and not coalesce(j.doubt, false)
                 and (j.result = 'active' or j.old_status is null
                      or j.old_status not in ('pending', 'active', 'completed', 'failed', 'skipped')) then j.queued end as kept_message,
       case when not j.is_sent then j.own_at
            when j.old_status = 'completed' then j.known_at
            else coalesce(j.known_at, now()) end as completed_at
from judged j;

\echo 'groups: which row stays, and why'
select v.person, v.step, v.survivor as keeps, v.rule, v.result,
       (select array_agg(r.id order by r.place) from fix_ranked r where r.nr = v.nr and r.place > 1) as others,
       coalesce('left alone: ' || v.refused, 'resolved') as done
from fix_verdict v
order by v.nr;

-- 5. Messages that stand for nothing any more: only what is pending, and never the one that the kept row waits for.
create temp table fix_surplus on commit drop as
select m.id
from fix_verdict v
join fix_message m on m.person = v.person and m.step = v.step
where v.refused is null and m.meaning = 'pending' and m.id is distinct from v.kept_message
group by m.id;

insert into :"archive".rows (run, at, rel, row_id, why, before)
select :'run', now(), 'broadcast_messages', m.id::text, 'surplus message of a duplicate', row_to_json(m)
from broadcast_messages m where m.id in (select id from fix_surplus);
update broadcast_messages
set status = 'skipped', error_message = 'duplicate, archived in run ' || :'run', updated_at = now()
where id in (select id from fix_surplus);

-- 6. The rows that go, and what the one that stays learns from them.
insert into :"archive".rows (run, at, rel, row_id, why, before)
select :'run', now(), 'sequence_contacts', c.id::text, 'duplicate of ' || v.survivor, row_to_json(c)
from fix_verdict v
join fix_ranked r on r.nr = v.nr and r.place > 1
join sequence_contacts c on c.id = r.id
where v.refused is null;
delete from sequence_contacts
where id in (select r.id from fix_verdict v join fix_ranked r on r.nr = v.nr and r.place > 1 where v.refused is null);

create temp table fix_survivor on commit drop as
select v.survivor as id, v.result, v.completed_at, v.most_retries
from fix_verdict v
join sequence_contacts c on c.id = v.survivor
where v.refused is null
  and (v.result, v.completed_at, v.most_retries)
      is distinct from (lower(c.status::text), c.completed_at::timestamptz, c.retry_count);
insert into :"archive".rows (run, at, rel, row_id, why, before)
select :'run', now(), 'sequence_contacts', c.id::text, 'kept of its duplicates: ' || coalesce(s.result, 'no state'), row_to_json(c)
from fix_survivor s
join sequence_contacts c on c.id = s.id;
update sequence_contacts c
set status = case s.result when 'completed' then 'completed' when 'active' then 'active' else c.status end,
    completed_at = s.completed_at, retry_count = s.most_retries
from fix_survivor s
where c.id = s.id;

-- 7. Stuck rows, by what is known of their message. That none was ever queued is known only as far back as the queue goes.
create temp table fix_stuck on commit drop as
with contact as (
    select c.id, c.sequence_stepid::text as step, :phone_key as person, since
    from (select id, sequence_stepid, contact_phone::text as phone, status,
                 coalesce(processing_started_at::timestamptz, next_trigger_time::timestamptz) as since
          from sequence_contacts) c
    where lower(c.status::text) in ('active', 'processing')
      and since < now() - make_interval(mins => :'stuck_minutes'::int)
      and c.id not in (select r.id from fix_verdict v join fix_ranked r on r.nr = v.nr where v.refused is not null)
),
known as (
    select c.id, c.since, c.person is not null and c.step is not null as has_step, bool_or(m.meaning = 'sent') as sent,
           min(coalesce(m.sent_at, now())) filter (where m.meaning = 'sent') as sent_at,
           bool_or(m.meaning in ('unknown', 'in flight')) as doubt,
           bool_or(m.meaning = 'pending' and not exists (select 1 from fix_surplus s where s.id = m.id)) as queued,
           bool_or(m.meaning = 'failed') as failed, min(m.error_message) filter (where m.meaning = 'failed') as error,
           count(m.id) > 0 as any_message
    from contact c
    left join fix_message m on m.person = c.person and m.step = c.step
    group by c.id, c.since, c.person, c.step
),
queue as (select min(created_at::timestamptz) as since from broadcast_messages)
select k.id, k.sent_at, k.error, w.why_left,
       case
           when w.why_left is not null then null
           when k.sent then 'completed'
           when k.failed then 'failed'
           when k.any_message then 'skipped'
           else 'pending'
       end as result
from known k
cross join queue q
cross join lateral (
    select case
               when not k.has_step then 'its phone or its step cannot be read'
               when k.sent then null
               when k.doubt then 'its message is in doubt'
               when k.queued then 'its message is queued'
               when not k.any_message and (k.since >= q.since) is not true then 'older than the oldest message: nothing is known'
           end as why_left
) w;

\echo 'stuck rows: what they become, or why they are left to you'
select coalesce(result, 'left alone: ' || why_left) as becomes, count(*) as rows, (array_agg(id order by id))[1:20] as ids
from fix_stuck group by 1 order by 1;
delete from fix_stuck where result is null;

insert into :"archive".rows as a (run, at, rel, row_id, why, before)
select :'run', now(), 'sequence_contacts', c.id::text, 'stuck, now ' || s.result, row_to_json(c)
from fix_stuck s
join sequence_contacts c on c.id = s.id
on conflict (run, rel, row_id) do update set why = a.why || '; ' || excluded.why;   -- its image of before stays
update sequence_contacts c
set status = case s.result when 'completed' then 'completed' when 'failed' then 'failed' when 'skipped' then 'skipped'
                           when 'pending' then 'pending' else c.status end,
    completed_at = case when s.result = 'completed' then coalesce(c.completed_at::timestamptz, s.sent_at)
                        else c.completed_at::timestamptz end,
    last_error = coalesce(left(s.error, 200), c.last_error),
    processing_device_id = null, processing_started_at = null
from fix_stuck s
where c.id = s.id;

-- 8. What the changed rows are now.
update :"archive".rows a set after = row_to_json(c)
from sequence_contacts c where a.run = :'run' and a.rel = 'sequence_contacts' and a.row_id = c.id::text;
update :"archive".rows a set after = row_to_json(m)
from broadcast_messages m where a.run = :'run' and a.rel = 'broadcast_messages' and a.row_id = m.id::text;

-- 9. The key that ON CONFLICT (sequence_id, contact_phone, sequence_stepid) needs, where nothing forbids it.
\if :build_key
do $$ begin
    if exists (select 1 from pg_index i
               where i.indrelid = 'sequence_contacts'::regclass and i.indisunique and i.indisvalid and i.indpred is null
                 and i.indexprs is null and i.indnkeyatts = 3
                 and (select array_agg(a.attname::text order by a.attname) from pg_attribute a
                      where a.attrelid = i.indrelid and a.attnum = any((i.indkey::int2[])[0:2]))
                     = array['contact_phone', 'sequence_id', 'sequence_stepid']) then
        raise notice 'the unique key is there';
    elsif exists (select 1 from sequence_contacts
                  where sequence_id is not null and contact_phone is not null and sequence_stepid is not null
                  group by sequence_id, contact_phone, sequence_stepid having count(*) > 1) then
        raise notice 'the unique key is not built: rows with the same sequence, phone and step are left (verify_duplicates.sql)';
    else
        alter table sequence_contacts
            add constraint uk_sequence_contact_stepid unique (sequence_id, contact_phone, sequence_stepid);
        raise notice 'the unique key uk_sequence_contact_stepid is built';
    end if;
end $$;
\endif

\echo 'this run'
select :'run' as run, count(*) filter (where after is null) as removed, count(after) as changed,
       (select count(*) from fix_verdict where refused is not null) as groups_left_alone
from :"archive".rows where run = :'run';

\if :dry_run
    rollback;
    \echo 'dry run: nothing was kept'
\else
    commit;
\endif
