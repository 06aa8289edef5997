-- One row for each action whose decision came with an authentic grant.
create table execution (
  action_id      uuid        primary key,
  -- The order in which they came, within each tool.
  seq            bigint      generated always as identity,
  state          text        not null check (state in ('suspect', 'ready', 'started', 'done')),
  action_digest  text        not null,
  agent          text        not null,
  toolset        text,
  tool           text,
  -- In canonical form (RFC 8785), as text: what runs is what was digested, to the byte.
  parameters     text,
  grant_nbf      timestamptz not null,
  grant_exp      timestamptz not null,
  -- Each claim raises it; with the instance it is the fence.
  attempt        integer     not null default 0,
  instance       text,
  lease_until    timestamptz,
  -- As its connector said when it was claimed: what happens when the lease lapses.
  idempotent     boolean     not null default false,
  traceparent    text,
  entered_at     timestamptz not null default now(),
  started_at     timestamptz,
  finished_at    timestamptz,
  status         text,
  result_code    text,
  result_digest  text,
  result_summary text,
  reason_code    text,
  reason_text    text,

  check (state = 'suspect' or state = 'done' or (toolset is not null and tool is not null and parameters is not null)),
  check (state <> 'started' or (instance is not null and lease_until is not null and attempt > 0)),
  check ((state = 'done') = (status is not null and finished_at is not null)),
  check (status in ('succeeded', 'failed', 'precondition-failed', 'refused', 'unknown'))
);

create index execution_ready   on execution (toolset, tool, seq) where state = 'ready';
create index execution_waiting on execution (grant_exp)          where state in ('ready', 'suspect');
create index execution_started on execution (lease_until)        where state = 'started';

-- What is done stays done: a second answer must be impossible even for a mistake in the code.
create function execution_done_is_final() returns trigger language plpgsql as $$
begin
  raise exception 'execution % is done and final', old.action_id using errcode = 'integrity_constraint_violation';
end $$;

create trigger execution_done_is_final before update on execution for each row
  when (old.state = 'done') execute function execution_done_is_final();

-- The ticket service's keys as last fetched, so that a restart does not need the ticket service.
create table grant_keys (
  id         integer     primary key check (id = 1),
  jwks       text        not null,
  fetched_at timestamptz not null
);
