-- The chain of links becomes a Merkle tree (RFC 6962; ADR 0031). Leaves are hashed for it since V1.

-- Complete subtrees of 256^level leaves: what tiles of levels from 1 on consist of. Level 0 is leaf.leaf_hash.
create table node (
  level smallint not null check (level between 1 and 7),
  idx   bigint not null check (idx >= 0),
  hash  bytea not null check (octet_length(hash) = 32),
  primary key (level, idx)
);

-- What the log says of itself, a signed note each (C2SP tlog-checkpoint): one for every batch.
create table checkpoint (
  size      bigint primary key check (size > 0),
  root      bytea not null check (octet_length(root) = 32),
  note      text not null,
  signed_at timestamptz not null default now()
);

-- Checkpoints that witnesses signed, too: the note with all their signatures under it.
create table cosigned (
  size        bigint primary key references checkpoint,
  note        text not null,
  cosigned_at timestamptz not null default now()
);

-- What was read back from the topic `audit` after the database had been put back: leaves, whose payloads are lost.
create table recovery (
  first bigint primary key,
  past  bigint not null check (past > first),
  at    timestamptz not null default now()
);

-- How far the votes of the log have their attestation leaves.
create table attested (
  one  boolean primary key default true check (one),
  size bigint not null check (size >= 0)
);
insert into attested (size) values (0);

-- Votes alone: what attestation leaves are made of.
create index leaf_of_votes on leaf (idx) where topic = 'vote-recorded';

alter table state add column root bytea, add column frontier bytea;
alter table state disable trigger only_grows;

-- The links are checked once more, and the tree is built over the same leaves.
do $$
declare
  each       record;
  subtree    bytea;
  height     int;
  last_link  bytea := decode(repeat('00', 32), 'hex');
  stack      bytea[] := '{}';
  grown      bigint := 0;
  tree_root  bytea;
begin
  for each in select l.idx, l.leaf_hash, l.link, l.entry from leaf l order by l.idx loop
    last_link := sha256(last_link || each.leaf_hash);
    if each.idx <> grown or each.link <> last_link
       or each.leaf_hash <> sha256('\x00'::bytea || convert_to(each.entry, 'UTF8')) then
      raise exception 'entry % of the log is not the one that was linked: put back a backup in which it is', grown
        using errcode = 'integrity_constraint_violation';
    end if;
    subtree := each.leaf_hash;
    height := 0;
    while (grown >> height) & 1 = 1 loop
      subtree := sha256('\x01'::bytea || stack[cardinality(stack)] || subtree);
      stack := trim_array(stack, 1);
      height := height + 1;
      if height % 8 = 0 then
        insert into node (level, idx, hash) values (height / 8, grown >> height, subtree);
      end if;
    end loop;
    stack := stack || subtree;
    grown := grown + 1;
  end loop;
  if exists (select from state s where s.size <> grown or s.link <> last_link) then
    raise exception 'the log does not end where it says that it ends: put back a backup in which it does'
      using errcode = 'integrity_constraint_violation';
  end if;
  tree_root := coalesce(stack[cardinality(stack)], sha256(''));
  for i in reverse cardinality(stack) - 1 .. 1 loop
    tree_root := sha256('\x01'::bytea || stack[i] || tree_root);
  end loop;
  update state set root = tree_root,
    frontier = coalesce((select string_agg(h, '' order by n) from unnest(stack) with ordinality as u (h, n)), '');
end $$;

alter table state
  drop column link,
  alter column root set not null,
  -- the hashes of the perfect subtrees that the tree consists of, the largest first: all that appending needs
  alter column frontier set not null,
  add check (octet_length(root) = 32),
  add check (octet_length(frontier) = 32 * bit_count(cast(size as bit(64))));
alter table leaf drop column link;
-- Attestation leaves have no payload; what the others had can be erased.
comment on table payload is 'What the leaf commits to by its HMAC; a leaf without a row here commits to nothing apart.';

create or replace function state_only_grows() returns trigger language plpgsql
  -- a temporary table named leaf or state must not stand in for ours
  set search_path = audit, pg_temp as $$
begin
  if new.size <= old.size
     or not exists (select from leaf where idx = new.size - 1)
     or not exists (select from checkpoint c where c.size = new.size and c.root = new.root) then
    raise exception 'the head follows the last leaf and never goes back: % to %', old.size, new.size
      using errcode = 'integrity_constraint_violation';
  end if;
  perform pg_notify('audit_leaf', '');
  return new;
end $$;

create function attested_only_grows() returns trigger language plpgsql
  set search_path = audit, pg_temp as $$
begin
  if new.size <= old.size or new.size > (select size from state) then
    raise exception 'what is attested stays so: % to %', old.size, new.size
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;

create trigger only_grows before update or delete or truncate on node
  for each statement execute function refuse_change();
create trigger only_grows before update or delete or truncate on checkpoint
  for each statement execute function refuse_change();
create trigger only_grows before update or delete or truncate on cosigned
  for each statement execute function refuse_change();
create trigger only_grows before update or delete or truncate on recovery
  for each statement execute function refuse_change();
create trigger stays before insert or delete or truncate on attested
  for each statement execute function refuse_change();
create trigger only_grows before update on attested
  for each row execute function attested_only_grows();

alter table state      enable always trigger only_grows;
alter table node       enable always trigger only_grows;
alter table checkpoint enable always trigger only_grows;
alter table cosigned   enable always trigger only_grows;
alter table recovery   enable always trigger only_grows;
alter table attested   enable always trigger stays;
alter table attested   enable always trigger only_grows;

grant select, insert on node, checkpoint, cosigned, recovery to audit;
grant select, update on attested to audit;
