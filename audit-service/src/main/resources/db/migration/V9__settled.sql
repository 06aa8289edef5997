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

-- By which entry an action's agent is known, and its tool: what was read of a content goes with it. What was erased is
-- counted where it is noted.
alter table action
  add column agent_of bigint,
  add column tool_of  bigint,
  drop column erased;
-- The index is made anew of what is left: names of contents that were erased before this version stood in it still. How
-- an action ended stays, also where nothing is left that says so.
truncate mention;
update action set agent = null, agent_key = null, toolset = null, tool = null;
update indexed set size = 0;
