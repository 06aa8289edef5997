-- Holds the pending tickets that somebody has voted on: which of them have enough by now is found among these alone.
create index ticket_voted_on on ticket (action_id) where state = 'pending' and version > 0;
