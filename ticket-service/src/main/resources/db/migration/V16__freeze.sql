-- What somebody froze, and what lifted it: the executor has its own, and holds it back.
create table frozen (
  freeze_id uuid        primary key,
  -- One of them, or neither: everything.
  agent     text,
  toolset   text,
  frozen_by text        not null,
  reason    text        not null,
  frozen_at timestamptz not null default now(),
  -- The action that two admins approved, when it was executed.
  lifted_by uuid references ticket,
  lifted_at timestamptz,
  check (agent is null or toolset is null),
  check ((lifted_by is null) = (lifted_at is null))
);

create index frozen_latest on frozen (frozen_at);
