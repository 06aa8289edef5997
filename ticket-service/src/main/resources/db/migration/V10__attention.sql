-- What is asked, whatever its id: the digest of agent, tool and parameters. Questions that share it are one question
-- asked more than once. And whom a message about it was to reach. Absent on rows that were filed before.
alter table ticket add column question_digest text, add column prompted text[];

create index ticket_question on ticket (question_digest, expires_at, action_id) where state = 'pending';
-- Of a question that is asked over and over only the first reaches people: however many wait, this finds it.
create index ticket_told on ticket (question_digest) where state = 'pending' and prompted <> '{}';

-- How much of whose attention is used up: an approver's in their week (period is its Monday), an agent's in an hour
-- (period is its beginning). prompts were let through, withheld were not. A row is held from the moment at which it is
-- read until what follows from it is committed, so that of two batches at once neither overlooks the other.
create table meter (
  kind     text not null check (kind in ('approver', 'agent')),
  who      text not null,
  period   text not null,
  prompts  integer not null default 0,
  withheld integer not null default 0,
  primary key (kind, who, period)
) with (fillfactor = 20);
