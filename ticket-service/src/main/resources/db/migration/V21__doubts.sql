-- What somebody's word says of the effect: true or false, and null where it is that nobody knows.
create function effect(said text) returns boolean language sql immutable
return case when said in ('succeeded', 'took-effect') then true when said <> 'unknown' then false end;

-- Whether what was said later is another thing than what people go by: what one of them found last, or else how it
-- ended. A finding is a person's: that somebody else does not know is no word against it.
create function doubts(later text, ended text, found text) returns boolean language sql immutable
return case when found is null then ended = 'unknown' or effect(ended) is distinct from effect(later)
    else coalesce(effect(found) <> effect(later), false) end;

update execution e set to_reconcile = true
from late_outcome l
where l.action_id = e.action_id and not e.to_reconcile
    and doubts(l.status, cast(e.event as json) ->> 'status',
        (select f.finding from finding f where f.action_id = e.action_id order by f.id desc limit 1));
