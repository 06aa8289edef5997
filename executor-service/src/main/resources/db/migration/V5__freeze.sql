-- Of what is frozen nothing is begun. In force until an approved action lifts it.
create table frozen (
  freeze_id uuid        primary key,
  -- One of them, or neither: everything.
  agent     text,
  toolset   text,
  by        text        not null,
  reason    text        not null,
  since     timestamptz not null,
  lifted_at timestamptz,
  lifted_by uuid,

  check (agent is null or toolset is null),
  check ((lifted_at is null) = (lifted_by is null))
);

-- Whatever claims asks this: it stays as small as what is in force.
create index frozen_in_force on frozen (since) where lifted_at is null;

-- As names of agents are compared everywhere: after NFKC, trimmed, without case.
create function folded(name text) returns text language sql immutable strict
return lower(btrim(normalize(name, nfkc), e' \t\n\r') collate pg_c_utf8);
