-- One row for each action that has been answered: the first answer stands. `identity` tells a
-- repetition from a conflict: the action's digest, or that of the record's bytes where they held none.
create table verdict (
  action_id  uuid primary key,
  identity   text not null,
  outcome    text not null check (outcome in ('allowed', 'approval-required', 'denied', 'refused')),
  decided_at timestamptz not null default now()
);
