-- A table that came out of a copy without its primary key.
alter table sequence_steps drop constraint sequence_steps_pkey;
select 'sequence_steps', 'sequence_steps';
