-- Keys that agents authenticate with. A key has 256 random bits, so its plain SHA-256 gives nothing away; the key itself
-- is nowhere. Rows stay when a key is over: who could act as whom, and until when, is asked later.
create table agent_key (
  hash       text        primary key,
  -- what people call it: the first 12 hex digits of the hash
  key_id     text        not null unique,
  agent      text        not null,
  platform   text,
  -- JSON array of toolset names; null is all of them
  toolsets   text,
  made_at    timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
