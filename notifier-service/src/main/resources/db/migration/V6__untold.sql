-- Threads that have ended and of which people are still to be told. They are when there is time for it: a burst of
-- answers is told of little by little, and no effect waits for that.
create table untold (
  action_id uuid primary key references thread,
  since     timestamptz not null default now()
);

create index untold_since on untold (since);
