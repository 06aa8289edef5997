-- One row for each time that this database began to be, or was put back from a backup. What is of an epoch before does
-- not come to life again (ADR 0028).
create table epoch (
  number       integer     primary key check (number > 0),
  since        timestamptz not null default now(),
  -- empty, upgraded: the first, in a database that had nothing or something in it. How else it was noticed.
  why          text        not null check (why in ('empty', 'upgraded', 'moved', 'said', 'rewound')),
  -- As the operator named the backup, where they did.
  backup       text,
  -- What was signed or judged before this has no effect any more; absent in a first epoch.
  voids_before timestamptz,
  -- Which server, timeline, database and table it began in.
  life         text        not null,
  -- Whether it is known again how far each topic was read.
  settled      boolean     not null default false
);

-- How far each partition was read: written in the transaction that took in what was read.
create table read_up_to (
  topic     text    not null,
  partition integer not null,
  next      bigint  not null,
  primary key (topic, partition)
) with (fillfactor = 20);

-- A dump that is loaded makes other tables, point-in-time recovery another timeline, a new server another identifier.
-- What is the same in a plain copy of the files is noticed by what Kafka knows.
create function life() returns text language sql stable
return (select system_identifier from pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
    || '/' || (select oid from pg_database where datname = current_database())
    || '/' || cast(cast('epoch' as regclass) as oid);

-- A process that ran on while the database was put back changes nothing in it. The code says that the database is away
-- for now: whatever waits for it goes on waiting.
create function epoch_is_this() returns trigger language plpgsql as $$
begin
  if (select life from epoch order by number desc limit 1) is distinct from life()
      and current_setting('countersign.migrating', true) is distinct from 'on' then
    raise exception 'this database was put back from a backup, and its new epoch has not begun yet'
        using errcode = 'cannot_connect_now';
  end if;
  return null;
end $$;

insert into epoch (number, why, life)
select 1, case when exists (select from ticket) then 'upgraded' else 'empty' end, life();

create trigger epoch_is_this before insert or update on ticket for each statement execute function epoch_is_this();
