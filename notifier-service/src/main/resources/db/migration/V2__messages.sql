-- One thread of mail for each action: what the ask says, and how it ended. Ask and answer come on different
-- topics and so in either order; whoever comes first makes the row, and it is what both lock.
create table thread (
  action_id   uuid primary key,
  -- the card, absent while only the answer has come
  title       text,
  target      text,
  short_code  text,
  link        text,
  expires_at  timestamptz,
  -- approved, rejected, cancelled or expired; absent while the ticket is open
  answer      text check (answer in ('approved', 'rejected', 'cancelled', 'expired')),
  traceparent text
);

-- One message to one person. It is sent at most once: sending is committed before the first byte goes out, and
-- a row that is found in it afterwards is in doubt and never sent again.
create table message (
  id              bigint generated always as identity primary key,
  action_id       uuid not null references thread,
  recipient       text not null,
  step            text not null check (step in ('ask', 'reminder', 'answer')),
  channel         text not null,
  message_id      text not null,
  traceparent     text,
  state           text not null check (state in ('queued', 'sending', 'accepted', 'failed')),
  -- a code, where it failed
  reason          text,
  attempt         integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  -- after this it is not sent any more: for an ask the ticket's deadline
  expires_at      timestamptz not null,
  -- who sends it now, and until when others believe so
  instance        text,
  lease_until     timestamptz,
  unique (action_id, recipient, step)
);

create index message_due on message (next_attempt_at) where state = 'queued';
create index message_sending on message (lease_until) where state = 'sending';

-- RFC 5322 §3.6.4. The recipient goes in as a digest, for an id may hold what a Message-ID may not.
create function message_id(action_id uuid, step text, recipient text, domain text) returns text
language sql immutable
return '<' || action_id || '.' || step || '.'
  || encode(substring(sha256(convert_to(recipient, 'UTF8')) from 1 for 8), 'hex') || '@' || domain || '>';
