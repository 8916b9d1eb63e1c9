-- What planting works with, for this session: the people to enrol, and the ids that they get.
-- grp: base, or the defect that they are for. settled: how many of the five steps are done. state: of the next one.
create temp table people (
    grp text, p bigint, nth int, sequence_id uuid, user_id uuid, device_id uuid, phone text, name text,
    settled int, state text, due timestamptz
);
create function pg_temp.row_id(p bigint, d int) returns uuid language sql immutable
    return md5(:'seed' || ':c:' || p || ':' || d)::uuid;
create function pg_temp.message_id(p bigint, d int) returns uuid language sql immutable
    return md5(:'seed' || ':m:' || p || ':' || d)::uuid;
create function pg_temp.step_id(nth int, d int) returns uuid language sql immutable
    return md5(:'seed' || ':step:' || nth || ':' || d)::uuid;
create function pg_temp.sequence_id(nth int) returns uuid language sql immutable
    return md5(:'seed' || ':sequence:' || nth)::uuid;
create function pg_temp.user_id(nth int) returns uuid language sql immutable
    return md5(:'seed' || ':user:' || nth % 3)::uuid;
create function pg_temp.device_id(n bigint) returns uuid language sql immutable
    return md5(:'seed' || ':device:' || n)::uuid;
