-- An ending is done, or looked at again as far ahead as it has waited so far.
update seqconsole.replies r
set ending = case when not :'done'::boolean then r.ending end,
    look_at = case when not :'done'::boolean
                   then :'now'::timestamptz + greatest(interval '2 seconds', least(interval '10 minutes', :'now'::timestamptz - r.seen_at)) end
where r.phone_key = :'phone' and r.reply_id = :'reply';
