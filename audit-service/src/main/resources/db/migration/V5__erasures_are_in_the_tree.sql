-- The leaf of an erasure must be one that the tree has, with the head that this transaction moved: whoever is the
-- service could otherwise insert it where no checkpoint ever covers it.
create or replace function erase(erasure bigint, indexes bigint[]) returns bigint language plpgsql
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
