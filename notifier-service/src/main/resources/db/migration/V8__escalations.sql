-- Steps of a ticket's ladder that are still to come. A row goes when its time has come, whether or not anybody is still
-- to be told.
create table escalation (
  action_id uuid not null references thread,
  -- from 1
  number    integer not null,
  due_at    timestamptz not null,
  -- whom of those who were asked; all where it is empty
  groups    text[] not null,
  channel   text not null,
  primary key (action_id, number)
);

create index escalation_due on escalation (due_at);

-- Wider than before, so that there is nothing to look through.
alter table message drop constraint message_step_check;
alter table message add constraint message_step_check
  check (step in ('ask', 'reminder', 'answer') or step ~ '^escalation-[1-9][0-9]*$') not valid;
