-- locks: none on the operator's tables.
-- What each code of a gateway, and each of our own about one, leads to (DESIGN 5, retry is data): change a row, and
-- the workers follow within seconds. Nothing here can make a message sent, or a doubt less than one: only what a
-- gateway answers in so many words may be given another class.
alter table seqconsole.codes
    add constraint codes_class check (
        source = 'foreign'
        or meaning in ('retry', 'slow_device', 'hold_device', 'hold_contact', 'suppress', 'fail', 'stop_device', 'unknown')) not valid,
    add constraint codes_doubt check (
        source = 'foreign' or meaning = 'unknown'
        or not (code in ('timeout', 'connection_lost', 'broken_answer', 'body_too_big', 'malformed', 'no_proof',
                         'redirect', 'SUCCESS', 'GATEWAY_TIMEOUT', 'INTERNAL_SERVER_ERROR')
                or code collate "C" ~ '^http_' and code <> 'http_429')) not valid,
    add constraint codes_wait check (wait is null or wait between interval '0' and interval '30 days') not valid;

comment on table seqconsole.codes is
    'source gowa: code -> class and wait (NULL: the back-off). A code without a row is never retried by itself.';

insert into seqconsole.codes (source, code, meaning, wait, cites, as_of) values
    ('gowa', 'VALIDATION_ERROR', 'fail', null, 'gowa REST API 9: refused before sending', '2026-11-24'),
    ('gowa', 'INVALID_JID', 'fail', null, 'gowa REST API 9: the phone is not on WhatsApp', '2026-11-24'),
    ('gowa', 'DEVICE_ID_REQUIRED', 'stop_device', null, 'gowa REST API 9: no device was named', '2026-11-24'),
    ('gowa', 'DEVICE_NOT_FOUND', 'stop_device', null, 'gowa REST API 9: the host has no such device', '2026-11-24'),
    ('gowa', 'AUTHENTICATION_ERROR', 'hold_device', null, 'gowa REST API 9: the device is not logged in', '2026-11-24'),
    ('gowa', 'WA_REACHOUT_TIMELOCK', 'hold_device', '6 hours', 'WhatsApp error 463: no new chats for now', '2026-11-24'),
    ('gowa', 'DEVICE_MANAGER_UNAVAILABLE', 'retry', null, 'gowa REST API 9: refused before sending', '2026-11-24'),
    ('gowa', 'INVALID_WA_CLI', 'unknown', null, 'gowa REST API 9: status 500', '2026-11-24'),
    ('gowa', 'UPLOAD_MEDIA_ERROR', 'unknown', null, 'gowa REST API 9: status 500', '2026-11-24'),
    ('gowa', 'INTERNAL_SERVER_ERROR', 'unknown', null, 'gowa REST API 9: status 500, at any moment', '2026-11-24'),
    ('gowa', 'GATEWAY_TIMEOUT', 'unknown', null, 'gowa REST API 9: status 504 after 45 s', '2026-11-24'),
    ('gowa', 'http_429', 'slow_device', '1 minute', 'too many requests; Retry-After wins', '2026-11-24'),
    ('gowa', 'gateway_credentials', 'stop_device', null, '401 that is not JSON: our user or password is wrong', '2026-11-24'),
    ('gowa', 'connect_failed', 'retry', null, 'no connection, so nothing was written', '2026-11-24'),
    ('gowa', 'too_late', 'retry', null, 'the lease was over, so nothing was written', '2026-11-24'),
    ('gowa', 'not_configured', 'stop_device', null, 'no host of the settings has this device', '2026-11-24'),
    ('gowa', 'unsupported_type', 'fail', null, 'this gateway''s client sends text only', '2026-11-24'),
    ('gowa', 'timeout', 'unknown', null, 'written, and no answer in time', '2026-11-24'),
    ('gowa', 'connection_lost', 'unknown', null, 'written, and the connection broke', '2026-11-24'),
    ('gowa', 'broken_answer', 'unknown', null, 'written, and the answer is no HTTP', '2026-11-24'),
    ('gowa', 'body_too_big', 'unknown', null, 'written, and the answer is over 64 KiB', '2026-11-24'),
    ('gowa', 'malformed', 'unknown', null, 'written, and the answer is no JSON object', '2026-11-24'),
    ('gowa', 'no_proof', 'unknown', null, '200 without SUCCESS and a message id', '2026-11-24'),
    ('gowa', 'redirect', 'unknown', null, 'not followed', '2026-11-24');

insert into seqconsole.settings (scope, name, value) values
    ('default', 'retry_tries', '5'),
    ('default', 'retry_first', '"30 seconds"'),
    ('default', 'retry_longest', '"1 hour"'),
    ('default', 'breaker_after', '5')
on conflict do nothing;
