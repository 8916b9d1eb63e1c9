-- A worker's attempts that nobody has settled (settled = false), or that are in doubt as well (true).
select a.id as attempt_id, a.claimed_at, a.message_id, a.phone_key as phone, a.step_id, a.device_id,
       coalesce(p.tries, 0) as tries, a.lease_until, coalesce(d.failures, 0) as failures,
       '' as message_type, '' as content, null as media_url
from seqconsole.progress p
join seqconsole.attempts a on a.claimed_at = p.claimed_at and a.id = p.attempt_id
left join seqconsole.devices d on d.device_id = a.device_id
where p.state in ('s', 'u') and a.worker_id = :'worker'::uuid
  and (a.outcome is null or (:'settled'::bool and a.outcome = 'unknown'));
