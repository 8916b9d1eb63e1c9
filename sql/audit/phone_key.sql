-- One person, one key: what seqconsole.phone_key(phone, country) computes (DESIGN 3), as an expression that can be put
-- into any query where a column `phone` is at hand. A test holds the two together. :'country' = '' where none is known.
-- The plain spellings come first: they are most of them, and cheap.
case
    when phone is null or length(phone) > 64 then null
    when phone collate "C" ~ '^\+?[1-9][0-9]{6,13}$' and not starts_with(ltrim(phone, '+'), :'country'::text || '0')
        then ltrim(phone, '+')
    when phone collate "C" ~ '^0[1-9][0-9]*$' and :'country'::text collate "C" ~ '^[1-9][0-9]{0,2}$'
        then case when length(:'country'::text) + length(phone) - 1 between 7 and 14
                  then :'country'::text || substr(phone, 2) end
    when strpos(phone, '@') > 0
        then substring(substring(phone collate "C" from '^\s*\+?([1-9][0-9]+)(?::[0-9]+)?@(?:s\.whatsapp\.net|c\.us)\s*$')
                       from '^[1-9][0-9]{6,13}$')
    when :'country'::text collate "C" ~ '^[1-9][0-9]{0,2}$'   -- last: "+60 012-345 6789", the zero behind the country code
        then substring(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        translate(replace(phone, '(0)', ''),
                                  E' \t\r\n-.()/\u00a0\u2010\u2011\u2013\u200e\u202a\u202c', '') collate "C",
                        '^(?:\+|00)(?=[1-9])', ''),
                    '^0(?=[1-9])', :'country'::text),
                '^' || :'country'::text || '0', :'country'::text)
            from '^[1-9][0-9]{6,13}$')
    else substring(
            regexp_replace(
                translate(replace(phone, '(0)', ''),
                          E' \t\r\n-.()/\u00a0\u2010\u2011\u2013\u200e\u202a\u202c', '') collate "C",
                '^(?:\+|00)(?=[1-9])', '')
            from '^[1-9][0-9]{6,13}$')
end
