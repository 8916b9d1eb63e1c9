-- Open contact rows whose phone can't be one: a group, a linked id, letters, a national number without a country, nothing.
with
-- include: doctor/contact
select count(*) over () as total, array[id::text] as ids, phone,
       case when phone is null or btrim(phone) = '' then 'no phone'
            when phone like '%@%' then 'a group or a linked id'
            when phone ~ '^\s*0' and :'country' = '' then 'a national number, and no country is configured'
            when length(regexp_replace(phone, '\D', '', 'g')) > 14 then 'too long: a linked id'
            else 'not a phone number' end as detail,
       format('update sequence_contacts set status = ''skipped'' where id = %L', id) as statement
from contact
where status not in ('completed', 'skipped')
  and (phone is null or phone !~ '^[1-9][0-9]{6,13}$' or starts_with(phone, :'country'::text || '0'))
  and (person is null or person !~ '^[1-9][0-9]{6,13}$')
order by id
limit :'limit'::int;
