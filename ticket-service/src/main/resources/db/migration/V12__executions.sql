-- How an approved action that people were asked about ended, as the executor said it first.
create table execution (
  action_id uuid primary key references ticket,
  -- JSON as it was published: it is shown, never searched
  event     text not null
);
