-- What was said of how an action ended after another answer stood already: for people to see, and never the answer.
create table late_outcome (
  action_id uuid not null references ticket,
  status    text not null,
  -- JSON as it was published: it is shown, never searched
  event     text not null,
  -- Each thing that is said is noted once, however often it comes.
  primary key (action_id, status)
);
