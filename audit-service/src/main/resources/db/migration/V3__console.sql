-- What was read of each topic, an index of actions for people, and erasure (ADR 0032).

-- Up to where each partition was read, in the transaction that appends. A record that comes again is read again and
-- becomes no entry: what was read, less the entries, are repeats.
create table reading (
  topic     text not null,
  partition integer not null check (partition >= 0),
  next      bigint not null check (next >= 0),
  records   bigint not null check (records >= 0),
  entries   bigint not null check (entries between 0 and records),
  primary key (topic, partition)
);
-- What was read so far, as the leaves say it. No quote inside a JSON string stands without its backslash.
insert into reading (topic, partition, next, records, entries)
select place.topic, place.at[2]::integer, max(place.at[1]::bigint) + 1, count(*), count(*)
from (
  select l.topic, regexp_match(l.entry, '"offset":(\d+),"partition":(\d+)') as at
  from leaf l where l.topic <> 'attestation') place
where place.at is not null
group by place.topic, place.at[2]::integer;

-- Offsets that were passed over, or of a topic that was made anew.
create table gap (
  gap       bigint generated always as identity primary key,
  topic     text not null,
  partition integer not null,
  kind      text not null check (kind in ('skipped', 'anew')),
  first     bigint not null check (first >= 0),
  past      bigint not null check (past >= first),
  -- of a topic that is no more: what had been published and was not read yet
  lost      bigint not null default 0 check (lost >= 0),
  noted_at  timestamptz not null default now()
);
-- What was found there, when Kafka was asked.
create table gap_looked_into (
  gap       bigint primary key references gap,
  -- records that still stood there, and were read
  found     bigint not null check (found >= 0),
  -- offsets that Kafka has no more
  missing   bigint not null check (missing >= 0),
  looked_at timestamptz not null default now()
);
-- The operator's word that somebody looked after it.
create table gap_settled (
  gap        bigint primary key references gap,
  by         text not null,
  why        text not null,
  settled_at timestamptz not null default now()
);

-- What Kafka said of itself last.
create table on_kafka (
  topic     text not null,
  partition integer not null,
  topic_id  text not null,
  beginning bigint not null,
  past      bigint not null,
  asked_at  timestamptz not null,
  primary key (topic, partition)
);

-- For finding, made of the log and made again of it where it is emptied: no proof rests on it.
create table action (
  action_id uuid primary key,
  -- the place of its first entry, by which it is listed
  first     bigint not null,
  at        timestamptz not null,
  topic     text not null,
  agent     text,
  agent_key text,
  toolset   text,
  tool      text,
  outcome   text,
  rank      smallint not null default -1,
  -- entries whose content was erased
  erased    bigint not null default 0
);
create index action_listed on action (first desc);
create index action_of_agent on action (agent_key, first desc);
create index action_of_tool on action (tool, first desc);
create index action_of_toolset on action (toolset, first desc);
create index action_by_outcome on action (outcome, first desc);
create index action_by_time on action (at);
-- Which entries say a person's name, and as what.
create table mention (
  person    text not null,
  idx       bigint not null,
  role      text not null,
  action_id uuid,
  primary key (person, idx, role)
);
create index mention_of_action on mention (action_id, person);
create index mention_of_entry on mention (idx);

-- How far the index follows the log, and up to where everything was erased by age.
create table indexed (
  one  boolean primary key default true check (one),
  size bigint not null check (size >= 0)
);
insert into indexed (size) values (0);
create table retained (
  one  boolean primary key default true check (one),
  size bigint not null check (size >= 0)
);
insert into retained (size) values (0);

-- Which entries' contents were erased, and the leaf that says so.
create table erased (
  idx  bigint primary key,
  leaf bigint not null
);
create index leaf_of_erasure on leaf (idx) where topic = 'erasure';

alter table payload
  alter column salt drop not null,
  alter column headers drop not null,
  add constraint erased_whole
    check (case when salt is null then key is null and value is null and headers is null else headers is not null end);
comment on column payload.salt is 'null where the content was erased';

-- Contents go only whole, and only those of which `erased` says by which leaf.
create function payload_only_erased() returns trigger language plpgsql
  set search_path = audit, pg_temp as $$
begin
  if new.idx <> old.idx or new.salt is not null or new.key is not null or new.value is not null
     or new.headers is not null or not exists (select from erased e where e.idx = old.idx) then
    raise exception 'contents are erased with a leaf that says so, and not changed: entry %', old.idx
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;

drop trigger only_grows on payload;
create trigger only_grows before delete or truncate on payload
  for each statement execute function refuse_change();
create trigger only_erased before update on payload
  for each row execute function payload_only_erased();
create trigger only_grows before update or delete or truncate on erased
  for each statement execute function refuse_change();
create trigger only_grows before update or delete or truncate on gap
  for each statement execute function refuse_change();
create trigger only_grows before update or delete or truncate on gap_looked_into
  for each statement execute function refuse_change();
create trigger only_grows before update or delete or truncate on gap_settled
  for each statement execute function refuse_change();
create trigger stays before delete or truncate on reading
  for each statement execute function refuse_change();

alter table payload         enable always trigger only_grows;
alter table payload         enable always trigger only_erased;
alter table erased          enable always trigger only_grows;
alter table gap             enable always trigger only_grows;
alter table gap_looked_into enable always trigger only_grows;
alter table gap_settled     enable always trigger only_grows;
alter table reading         enable always trigger stays;

-- Erases the contents of these entries, given the leaf that this very transaction appended to the tree and that says how
-- many and which they are. The service may call it and may write to none of what it writes to.
create function erase(erasure bigint, indexes bigint[]) returns bigint language plpgsql
  security definer set search_path = audit, pg_temp as $$
declare
  said   json;
  listed text;
  gone   bigint;
begin
  select l.entry::json into said from leaf l
  where l.idx = erasure and l.topic = 'erasure' and l.xmin = pg_current_xact_id()::xid;
  if not found then
    raise exception 'no leaf of this transaction says that anything is erased'
      using errcode = 'integrity_constraint_violation';
  end if;
  select string_agg(i::text, ',' order by i) into listed from unnest(indexes) i;
  -- A row beyond the tree's end is no leaf: what nobody signed would let contents go unseen.
  if not exists (
    select from state s where s.size > erasure and s.xmin = pg_current_xact_id()::xid) then
    raise exception 'the leaf that says what is erased is not in the tree'
      using errcode = 'integrity_constraint_violation';
  end if;
  if (said ->> 'entries')::bigint is distinct from cardinality(indexes)
     or said ->> 'indexes' is distinct from 'sha256:' || encode(sha256(convert_to(listed, 'UTF8')), 'hex') then
    raise exception 'the leaf says that others are erased'
      using errcode = 'integrity_constraint_violation';
  end if;
  insert into erased (idx, leaf) select i, erasure from unnest(indexes) i;
  update payload set salt = null, key = null, value = null, headers = null where idx = any (indexes);
  get diagnostics gone = row_count;
  if gone <> cardinality(indexes) then
    raise exception 'there is no content of some of them'
      using errcode = 'integrity_constraint_violation';
  end if;
  return gone;
end $$;
revoke execute on function erase(bigint, bigint[]) from public;
grant execute on function erase(bigint, bigint[]) to audit;

grant select on erased to audit;
grant select, insert on gap, gap_looked_into, gap_settled to audit;
grant select, insert, update on reading, action to audit;
grant select, insert, update, delete on on_kafka to audit;
grant select, insert, delete on mention to audit;
grant select, update on indexed, retained to audit;
