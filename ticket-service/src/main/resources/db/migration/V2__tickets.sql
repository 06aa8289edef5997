-- One row per action, whatever became of it: the primary key is why an action has one answer.
--   pending                                    people are asked
--   approved rejected expired cancelled        how that ended
--   approved denied refused                    answered at once, without people (prompt is null)
--   cancel-first                               taken back before its verdict came; the verdict makes it cancelled
create table ticket (
  action_id      uuid primary key,
  version        integer not null,
  state          text not null check (state in ('pending', 'approved', 'rejected', 'expired', 'cancelled',
                                                'denied', 'refused', 'cancel-first')),
  action_digest  text,
  -- JSON as it was published: kept as text, because it is shown and signed, never searched
  action         text,
  prompt         text,
  prompt_digest  text,
  card           text,
  requirement    text,
  policy_version text,
  opened_at      timestamptz not null,
  expires_at     timestamptz,
  decided_at     timestamptz,
  decided_by     text,
  reason_code    text,
  reason_text    text,
  short_code     text,
  batch_id       text,
  traceparent    text not null,
  check (state <> 'pending' or (expires_at is not null and prompt is not null and requirement is not null
                                and action is not null and card is not null and action_digest is not null)),
  check (state in ('pending', 'cancel-first') or decided_at is not null)
);

-- Holds pending tickets only, so that the next deadline is its first entry however many there ever were.
create index ticket_due on ticket (expires_at) where state = 'pending';

-- What is answered never changes, not even by a statement that forgot to look.
create function ticket_answer_stands() returns trigger language plpgsql as $$
begin
  raise exception 'ticket % is answered and does not change', old.action_id using errcode = 'restrict_violation';
end $$;

create trigger ticket_answer_stands before update on ticket for each row
  when (old.state not in ('pending', 'cancel-first')) execute function ticket_answer_stands();

create table vote (
  action_id uuid not null references ticket,
  approver  text not null,
  answer    text not null check (answer in ('approve', 'reject')),
  assurance text not null,
  at        timestamptz not null,
  primary key (action_id, approver)
);

create table seen (
  action_id uuid not null references ticket,
  approver  text not null,
  at        timestamptz not null default now(),
  primary key (action_id, approver)
);

-- A one-time code that was asked for. Bound to the browser by a cookie of which only the hash stands here; the
-- code only as a MAC under that cookie, so that this table alone lets nobody in. approver is null where the
-- address is nobody's.
create table sign_in (
  browser  bytea primary key,
  approver text,
  code     bytea not null,
  remote   text not null,
  tries    integer not null default 0,
  asked_at timestamptz not null default now()
);
create index sign_in_recent on sign_in (asked_at);

create table session (
  token        bytea primary key,
  approver     text not null,
  signed_in_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now()
);
create index session_age on session (signed_in_at);
