-- Two steps share a day number: which comes first is undecided. With a contact in each such sequence.
insert into sequences (id, user_id, name, trigger)
select md5(:'seed' || :'defect' || v.p)::uuid, v.user_id, 'Undecided ' || v.p, 'UNDECIDED' || v.p
from people v where v.grp = :'defect';
insert into sequence_steps (id, sequence_id, day_number, trigger_delay_hours, content)
select md5(:'seed' || :'defect' || v.p || ':' || d)::uuid, md5(:'seed' || :'defect' || v.p)::uuid, least(d, 2), 24, 'Step ' || d
from people v, generate_series(1, 3) d where v.grp = :'defect';
update sequence_contacts c
set sequence_id = md5(:'seed' || :'defect' || v.p)::uuid, sequence_stepid = md5(:'seed' || :'defect' || v.p || ':' || d)::uuid,
    current_step = coalesce(least(d, 2), 3), status = 'pending', completed_at = null, next_trigger_time = v.due + interval '1 day' * d
from people v, generate_series(1, 3) d where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, d);
delete from sequence_contacts c using people v where v.grp = :'defect' and c.id in (pg_temp.row_id(v.p, 4), pg_temp.row_id(v.p, 5));
delete from broadcast_messages m using people v where v.grp = :'defect' and m.id = pg_temp.message_id(v.p, 1);
select v.p, md5(:'seed' || :'defect' || v.p)::uuid from people v where v.grp = :'defect';
