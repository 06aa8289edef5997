-- Tickets that ended without an answer of those who were told of them, while somebody was answering each that asks the
-- same: who is asked in their place is still to be found out. Few, and each for a moment.
create table unasked (
  action_id uuid primary key references ticket
);
