-- What a target answered, where its connector lets agents have it: nowhere else is it written, and not for long. The row
-- stays when its body is gone, so that whoever asks late is told so.
create table response (
  action_id    uuid        primary key references execution,
  content_type text        not null,
  -- null where it was larger than what is kept, or its time is over
  body         bytea       check (octet_length(body) <= 65536),
  too_large    boolean     not null,
  kept_until   timestamptz not null
);

create index response_kept on response (kept_until) where body is not null;
