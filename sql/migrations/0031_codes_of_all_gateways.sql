-- locks: none on the operator's tables.
-- The codes of Meta's Cloud API, Wablas and WhaCenter, and our own about each gateway, as 0016 has them for gowa.
alter table seqconsole.codes
    add constraint codes_doubt_meta check (
        source <> 'meta' or meaning = 'unknown' or code not in ('1', '2', '131000')) not valid;

comment on table seqconsole.codes is
    'source gowa, meta, wablas, whacenter: code -> class and wait (NULL: the back-off). A code without a row is never retried by itself.';

insert into seqconsole.codes (source, code, meaning, wait, cites, as_of)
select g.source, c.code, c.meaning, c.wait::interval, c.cites, '2026-11-24'
from unnest(array['gowa', 'meta', 'wablas', 'whacenter']) as g (source)
cross join (values
    ('http_429', 'slow_device', '1 minute', 'too many requests; Retry-After wins'),
    ('connect_failed', 'retry', null, 'no connection, so nothing was written'),
    ('too_late', 'retry', null, 'the lease was over, so nothing was written'),
    ('not_configured', 'stop_device', null, 'the settings name no gateway for this device'),
    ('device_unread', 'retry', '10 seconds', 'the device is so new that this worker has not read it yet'),
    ('unsupported_type', 'fail', null, 'this gateway cannot carry this type of message'),
    ('bad_media', 'fail', null, 'the address of the media is missing or no http(s) address'),
    ('bad_content', 'fail', null, 'what the step says cannot be made into a message'),
    ('timeout', 'unknown', null, 'written, and no answer in time'),
    ('connection_lost', 'unknown', null, 'written, and the connection broke'),
    ('broken_answer', 'unknown', null, 'written, and the answer is no HTTP'),
    ('body_too_big', 'unknown', null, 'written, and the answer is over 64 KiB'),
    ('malformed', 'unknown', null, 'written, and the answer is no JSON object'),
    ('no_proof', 'unknown', null, 'a success without its proof'),
    ('redirect', 'unknown', null, 'not followed')) as c (code, meaning, wait, cites)
on conflict do nothing;

insert into seqconsole.codes (source, code, meaning, wait, cites, as_of) values
    ('meta', 'gateway_credentials', 'stop_device', null, '401 without an error code: our token is wrong', '2026-11-24'),
    ('meta', '131016', 'retry', null, 'Cloud API: service overloaded', '2026-11-24'),
    ('meta', '133004', 'retry', null, 'Cloud API: server temporarily unavailable', '2026-11-24'),
    ('meta', '1', 'unknown', null, 'Cloud API: unknown error', '2026-11-24'),
    ('meta', '2', 'unknown', null, 'Cloud API: service error', '2026-11-24'),
    ('meta', '131000', 'unknown', null, 'Cloud API: something went wrong', '2026-11-24'),
    ('meta', '4', 'slow_device', '1 minute', 'Cloud API: the app calls too often', '2026-11-24'),
    ('meta', '80007', 'slow_device', '1 minute', 'Cloud API: the business account calls too often', '2026-11-24'),
    ('meta', '130429', 'slow_device', '1 minute', 'Cloud API: throughput of the number', '2026-11-24'),
    ('meta', '131056', 'hold_contact', '10 seconds', 'Cloud API: too many messages between this pair', '2026-11-24'),
    ('meta', '131049', 'hold_contact', '1 day', 'Cloud API: not delivered, to keep the contact engaged', '2026-11-24'),
    ('meta', '130472', 'hold_contact', '1 day', 'Cloud API: the contact is part of an experiment', '2026-11-24'),
    ('meta', '100', 'fail', null, 'Cloud API: invalid parameter', '2026-11-24'),
    ('meta', '131008', 'fail', null, 'Cloud API: a parameter is missing', '2026-11-24'),
    ('meta', '131009', 'fail', null, 'Cloud API: a value of a parameter is invalid', '2026-11-24'),
    ('meta', '131026', 'fail', null, 'Cloud API: undeliverable to this number', '2026-11-24'),
    ('meta', '131047', 'fail', null, 'Cloud API: over 24 h since the contact wrote; only a template goes', '2026-11-24'),
    ('meta', '131051', 'fail', null, 'Cloud API: unsupported type of message', '2026-11-24'),
    ('meta', '132000', 'fail', null, 'Cloud API: the template wants another number of parameters', '2026-11-24'),
    ('meta', '132001', 'fail', null, 'Cloud API: no such template in this language', '2026-11-24'),
    ('meta', '132012', 'fail', null, 'Cloud API: a parameter is not as the template wants it', '2026-11-24'),
    ('meta', '131050', 'suppress', null, 'Cloud API: the contact has opted out', '2026-11-24'),
    ('meta', '0', 'stop_device', null, 'Cloud API: the token is not accepted', '2026-11-24'),
    ('meta', '190', 'stop_device', null, 'Cloud API: the token has expired', '2026-11-24'),
    ('meta', '10', 'stop_device', null, 'Cloud API: permission denied', '2026-11-24'),
    ('meta', '368', 'stop_device', null, 'Cloud API: blocked for policy violations', '2026-11-24'),
    ('meta', '131031', 'stop_device', null, 'Cloud API: the account is locked', '2026-11-24'),
    ('meta', '131042', 'stop_device', null, 'Cloud API: payment issue', '2026-11-24'),
    ('meta', '131048', 'stop_device', null, 'Cloud API: limited as spam', '2026-11-24');

insert into seqconsole.codes (source, code, meaning, cites, as_of)
select 'meta', n::text, 'stop_device', 'Cloud API, 200 to 299: permission missing', '2026-11-24'
from generate_series(200, 299) as n;

insert into seqconsole.codes (source, code, meaning, wait, cites, as_of)
select g.source, c.code, c.meaning, c.wait::interval, c.cites, '2026-11-24'
from unnest(array['wablas', 'whacenter']) as g (source)
cross join (values
    ('REFUSED', 'fail', null, 'status false, for a reason that is none of the others'),
    ('TOKEN_REFUSED', 'stop_device', null, 'status 401, or a refusal that names the token'),
    ('DEVICE_DISCONNECTED', 'hold_device', '10 minutes', 'a refusal that says the device is not connected'),
    ('QUOTA', 'slow_device', '1 hour', 'a refusal that names quota, limit or balance')) as c (code, meaning, wait, cites);

update seqconsole.codes set cites = 'this gateway cannot carry this type of message'
where source = 'gowa' and code = 'unsupported_type' and cites like '%text only';
update seqconsole.codes set cites = 'the settings name no gateway for this device'
where source = 'gowa' and code = 'not_configured' and cites like 'no host%';
update seqconsole.codes set cites = 'a success without its proof'
where source = 'gowa' and code = 'no_proof' and cites like '200 without%';
