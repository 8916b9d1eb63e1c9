-- locks: none on the operator's tables.
-- Replaces entries of a device's ring, one occurrence each: an entry that is NULL afterwards is freed.
-- An old entry that is no longer in the ring (it left the window) is not put back.
create function seqconsole.replace_charges(ring timestamptz[], old timestamptz[], new timestamptz[])
returns timestamptz[]
language plpgsql immutable parallel safe
set search_path = pg_catalog
as $$
declare
    place int;
begin
    for i in 1 .. cardinality(old) loop
        place := array_position(ring, old[i]);
        if place is not null then
            ring := ring[: place - 1] || ring[place + 1 :];
            if new[i] is not null then
                ring := ring || new[i];
            end if;
        end if;
    end loop;
    return array(select e from unnest(ring) as e order by e);
end
$$;
