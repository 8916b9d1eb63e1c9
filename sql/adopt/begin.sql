-- Begin to adopt, unless an interrupted run did: what an older program may have left half filled goes, but never a
-- ledger that attempts stand on.
with begun as (
    insert into seqconsole.settings (scope, name, value)
    select 'adoption', 'begun', to_jsonb(:'now'::timestamptz)
    where not exists (select 1 from seqconsole.settings where scope = 'adoption')
    returning 1
),
leavings as (
    select from begun where not exists (select 1 from seqconsole.attempts)
),
ledger as (
    delete from seqconsole.deliveries where exists (select from leavings)
),
groups as (
    delete from seqconsole.findings where kind = 'duplicate' and exists (select from begun)
)
delete from seqconsole.progress where exists (select from leavings);
