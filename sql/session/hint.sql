-- Wakes the engines when this transaction commits. Only a hint: they look by themselves as well.
select seqconsole.hint();
