-- Replies that end sequences of which steps may be left.
select r.reply_id, r.phone_key, r.ending as sequences
from seqconsole.replies r
where r.ending is not null and r.look_at <= :'now'::timestamptz
order by r.look_at
limit :'limit'::int;
