-- An agent's session from which somebody did not expect what it asked: until it is lifted, nothing of it is approved
-- and nothing new of it is taken. Agent, platform and session as they stand in ticket, absent ones absent.
create table hold (
  id          bigint generated always as identity primary key,
  agent       text not null,
  platform    text,
  session     text,
  -- the action at which it was
  action_id   uuid not null references ticket,
  held_by     text not null,
  held_at     timestamptz not null,
  reason      text not null,
  released_by text,
  released_at timestamptz,
  check ((released_by is null) = (released_at is null))
);

create unique index hold_in_force on hold (agent, platform, session) nulls not distinct where released_at is null;

-- What a vote, a verdict and a hold of one session lock, so that they have one order.
create function session_key(agent text, platform text, session text) returns bigint
language sql immutable
return hashtextextended(cast(json_build_array(agent, platform, session) as text), 0);

-- What somebody answered lately, and what was answered lately.
create index vote_of on vote (approver, at);
create index vote_at on vote (at);
