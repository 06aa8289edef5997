-- The log. All of it belongs to audit_owner, as which nobody can log in; the service's role `audit` may
-- append and read. A Merkle tree over leaf_hash (RFC 6962) can be built beside it later: the leaves are
-- hashed for that already.

create table leaf (
  idx         bigint primary key check (idx >= 0),
  -- What makes a record this one: a record that comes again under the same event_id is not logged again.
  event_id    bytea not null unique check (octet_length(event_id) = 32),
  leaf_hash   bytea not null check (octet_length(leaf_hash) = 32),
  -- SHA-256(link of idx - 1 || leaf_hash); before the first, 32 zero bytes
  link        bytea not null check (octet_length(link) = 32),
  -- RFC 8785 JSON: its UTF-8 bytes are the leaf
  entry       text not null check (octet_length(entry) <= 65535),
  action_id   uuid,
  topic       text not null,
  traceparent text,
  appended_at timestamptz not null default now()
);
create index leaf_of_action on leaf (action_id, idx) where action_id is not null;

-- What was logged, apart from the leaf, which holds only its HMAC under the salt: an erasure can come here
-- without breaking the chain.
create table payload (
  idx     bigint primary key,
  salt    bytea not null check (octet_length(salt) = 32),
  key     bytea,
  value   bytea,
  -- [[name, base64 of the bytes or null], …]: Kafka headers are a list, and a name may stand in it twice
  headers json not null
);

-- The head of the chain, and the lock that puts all writers in one line.
create table state (
  one  boolean primary key default true check (one),
  size bigint not null check (size >= 0),
  link bytea not null check (octet_length(link) = 32)
);
insert into state (size, link) values (0, decode(repeat('00', 32), 'hex'));

-- How many leaves stand on the topic `audit`.
create table published (
  one  boolean primary key default true check (one),
  size bigint not null check (size >= 0)
);
insert into published (size) values (0);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the log only grows: % of % is refused', tg_op, tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$;

create trigger only_grows before update or delete or truncate on leaf
  for each statement execute function refuse_change();
create trigger only_grows before update or delete or truncate on payload
  for each statement execute function refuse_change();
create trigger stays before insert or delete or truncate on state
  for each statement execute function refuse_change();
create trigger stays before insert or delete or truncate on published
  for each statement execute function refuse_change();

create function state_only_grows() returns trigger language plpgsql
  -- a temporary table named leaf or state must not stand in for ours
  set search_path = audit, pg_temp as $$
begin
  if new.size <= old.size
     or not exists (select from leaf where idx = new.size - 1 and link = new.link) then
    raise exception 'the head follows the last leaf and never goes back: % to %', old.size, new.size
      using errcode = 'integrity_constraint_violation';
  end if;
  perform pg_notify('audit_leaf', '');
  return new;
end $$;
create trigger only_grows before update on state
  for each row execute function state_only_grows();

create function published_only_grows() returns trigger language plpgsql
  -- a temporary table named leaf or state must not stand in for ours
  set search_path = audit, pg_temp as $$
begin
  if new.size <= old.size or new.size > (select size from state) then
    raise exception 'what is published stays so: % to %', old.size, new.size
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger only_grows before update on published
  for each row execute function published_only_grows();

-- Also in a session that calls itself a replica, in which ordinary triggers sleep.
alter table leaf      enable always trigger only_grows;
alter table payload   enable always trigger only_grows;
alter table state     enable always trigger stays;
alter table state     enable always trigger only_grows;
alter table published enable always trigger stays;
alter table published enable always trigger only_grows;

grant select, insert on leaf, payload to audit;
grant select, update on state, published to audit;
