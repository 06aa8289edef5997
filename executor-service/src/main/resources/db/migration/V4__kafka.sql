-- The grant as it came, where the connector hands it to the system that runs the tool.
alter table execution add column grant_token text;

-- What that system said after another answer already stood: for people to see, and never the answer.
create table late_outcome (
  action_id uuid        not null,
  status    text        not null check (status in ('succeeded', 'failed', 'unknown')),
  code      text,
  summary   text,
  came_at   timestamptz not null default now(),
  -- Each thing it says is told once, however often it comes.
  primary key (action_id, status)
);
