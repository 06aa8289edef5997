-- The operator's word that contents which a backup brought back were looked after: the leaf that said they are erased.
create table erasure_settled (
  leaf       bigint primary key,
  by         text not null,
  why        text not null,
  settled_at timestamptz not null default now()
);
create trigger only_grows before update or delete or truncate on erasure_settled
  for each statement execute function refuse_change();
alter table erasure_settled enable always trigger only_grows;
grant select, insert on erasure_settled to audit;
