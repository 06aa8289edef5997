-- Whether a question reached its recipient or still may. One in doubt counts by its reminder: where that was never
-- sent, nobody knows that they were asked.
create function reached(asked message) returns boolean language sql stable
return asked.state <> 'failed' or (asked.reason = 'in-doubt' and exists (
    select 1 from message r
    where r.action_id = asked.action_id and r.recipient = asked.recipient and r.step = 'reminder'
      and (r.state <> 'failed' or r.reason = 'in-doubt')));
