-- What has been heard of each action so far. Events come over topics that know no order among each other, so each
-- sets columns of its own, once; what they amount to is said by Progress.status and stands nowhere here.
-- Events stand as the text of their JSON: they are handed back whole and never searched.
create table action (
  action_id       uuid primary key,
  -- digest of what was proposed through this gateway; null where it was proposed on Kafka
  proposed        text,
  -- the verdict, and the digest that it is about
  verdict         text,
  judged          text,
  ticket          text,
  seen_at         timestamptz,
  -- sets of approver ids: {"alice": true}
  reached         jsonb       not null default '{}',
  failed          jsonb       not null default '{}',
  cancel_asked_at timestamptz,
  decision        text,
  expired         text,
  execution       text,
  traceparent     text,
  -- grows with each fact, so that a watcher reads only what has changed
  version         bigint      not null default 1,
  updated_at      timestamptz not null default now()
);
