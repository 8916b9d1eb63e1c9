-- The phone key as text for the other files of this folder: :phone_key stands for it where a column `phone` is at hand.
-- psql -v country=60: the country code of national numbers (0...); without it they have no key. Writes nothing.
\if :{?country}
\else
    \set country ''
\endif
select $expression$
case
    when phone is null or length(phone) > 64 then null
    when phone collate "C" ~ '^[1-9][0-9]{6,13}$' and not starts_with(phone, :'country'::text || '0') then phone
    else (
        select case when key.digits collate "C" ~ '^[1-9][0-9]{6,13}$' then key.digits end
        from (
            select case
                       when strpos(phone, '@') > 0 then substring(phone collate "C"
                           from '^\s*\+?([1-9][0-9]+)(?::[0-9]+)?@(?:s\.whatsapp\.net|c\.us)\s*$')
                       when :'country'::text collate "C" ~ '^[1-9][0-9]{0,2}$'
                            and starts_with(international.digits, :'country'::text || '0')
                           then :'country'::text || substr(international.digits, length(:'country'::text) + 2)
                       else international.digits
                   end as digits
            from (
                select case
                           when bare.digits collate "C" ~ '^\+[1-9][0-9]+$' then substr(bare.digits, 2)
                           when bare.digits collate "C" ~ '^00[1-9][0-9]+$' then substr(bare.digits, 3)
                           when bare.digits collate "C" ~ '^0[1-9][0-9]+$'
                                and :'country'::text collate "C" ~ '^[1-9][0-9]{0,2}$'
                               then :'country'::text || substr(bare.digits, 2)
                           when bare.digits collate "C" ~ '^[1-9][0-9]+$' then bare.digits
                       end as digits
                from (
                    select translate(replace(phone, '(0)', ''),
                                     E' \t\r\n-.()/\u00a0\u2010\u2011\u2013\u200e\u202a\u202c', '') as digits
                ) bare
            ) international
        ) key
    )
end
$expression$ as phone_key \gset
