-- Tickets that are answered together: one mail asks a person about all of them, and one tells how they ended.
alter table thread add column set_id text, add column set_size integer;

create index thread_of_set on thread (set_id) where set_id is not null;

-- Whether all that a thread's mail asks about has its answer: its own ticket, and what is answered together with it.
create function ended(asked thread) returns boolean language sql stable
return asked.answer is not null and (asked.set_id is null or not exists (
    select 1 from thread other
    where other.set_id = asked.set_id and other.title is not null and other.answer is null));
