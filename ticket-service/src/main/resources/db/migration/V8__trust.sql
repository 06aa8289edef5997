-- What an approver may permit for the session along with their answer (JSON), and the standing permission that
-- answered a ticket in their place.
alter table ticket add column offer text, add column trusted_by uuid;

create index ticket_trusted on ticket (trusted_by, decided_at) where trusted_by is not null;

-- A standing permission, named by the action whose vote gave it, and what has been used of it. Keyed to the agent, its
-- run and the tool; all of what was permitted is in permission, as it was signed.
create table trust (
  action_id   uuid primary key references ticket,
  approver    text not null,
  assurance   text not null,
  -- the passkey that the vote was given by, base64url
  credential  text,
  permission  text not null,
  agent       text not null,
  session     text not null,
  -- the groups that were asked: whoever is of one may end it
  asks        text[] not null,
  granted_at  timestamptz not null,
  until       timestamptz not null,
  most_calls  integer not null,
  most_sum    numeric,
  calls       integer not null default 0,
  sum         numeric not null default 0,
  revoked_at  timestamptz,
  revoked_by  text,
  -- Not even a statement that forgot to look overruns them.
  check (calls <= most_calls),
  check (most_sum is null or sum <= most_sum),
  check ((revoked_at is null) = (revoked_by is null))
);

create index trust_of_session on trust (agent, session) where revoked_at is null;
create index trust_age on trust (granted_at);

alter table ticket add constraint ticket_trusted_by foreign key (trusted_by) references trust;
