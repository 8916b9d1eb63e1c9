-- What the settings say of receipts and replies.
select coalesce((select s.value #>> '{}' from seqconsole.settings s
                  where s.scope = 'default' and s.key = '' and s.name = 'receipts_prove'), 'person') as prove,
       (select s.value::text from seqconsole.settings s
         where s.scope = 'default' and s.key = '' and s.name = 'stop_words') as stop_words,
       exists (select 1 from seqconsole.settings s
                where s.scope in ('default', 'sequence') and s.name = 'on_reply' and s.value #>> '{}' in ('pause', 'end')) as acts;
