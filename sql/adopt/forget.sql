-- Forget what was read from the operator's tables under another zone; it is read again. Never after an attempt.
with ledger as (delete from seqconsole.deliveries),
     work as (delete from seqconsole.progress)
delete from seqconsole.settings where scope = 'adoption' or scope = 'database' and name = 'adopted_at';
