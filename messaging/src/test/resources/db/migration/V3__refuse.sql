-- A database that takes no letter with this header, and none with this value: whatever the cause may be one day.
create function probe_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'not this one' using errcode = 'check_violation';
end $$;

create trigger probe_refuse before insert on outbox for each row
  when (new.topic = 'dead-letter' and (cast(new.headers as text) like '%"refused"%' or new.value = 'refused'))
  execute function probe_refuse();
