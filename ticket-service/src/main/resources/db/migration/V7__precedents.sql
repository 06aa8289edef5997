-- Values that people approved, each once for a tool and label: what is not here is new. Found by a hash of all four;
-- by the hash of what it looks like (UTS #39 skeleton) where another value only seems to be it. Filled as tickets are
-- approved, so that no page reads through all that ever was.
create table approved_value (
  digest   bytea primary key,
  skeleton bytea not null,
  value    text not null,
  at       timestamptz not null
);
create index approved_value_alike on approved_value (skeleton);

-- What people were asked, by time: search goes through it from its end.
create index ticket_asked on ticket (opened_at, action_id) where prompt is not null;
create index ticket_code on ticket (short_code) where short_code is not null;
