-- Whether nobody knows how it ended, and no person has said yet what they found.
alter table execution add column to_reconcile boolean not null default false;
update execution set to_reconcile = true where cast(event as json) ->> 'status' = 'unknown';
-- As small as what is open, however much there ever was.
create index execution_to_reconcile on execution (action_id) where to_reconcile;

-- The agent as it was proposed, where the policy allowed it and nothing else of the action is kept: whoever is behind a
-- request does not say how it ended.
alter table ticket add column asker text;

-- What people found where nobody knew how an action had ended. A correction is another row.
create table finding (
  id        bigint generated always as identity primary key,
  action_id uuid not null references execution,
  finding   text not null check (finding in ('took-effect', 'no-effect')),
  words     text not null,
  found_by  text not null,
  -- Not the transaction's beginning: of two, the one that came second is the later one.
  found_at  timestamptz not null default clock_timestamp()
);

create index finding_of on finding (action_id, id);

create function finding_stands() returns trigger language plpgsql as $$
begin
  raise exception 'finding % stands; add another', old.id using errcode = 'restrict_violation';
end $$;

create trigger finding_stands before update or delete on finding for each row execute function finding_stands();
