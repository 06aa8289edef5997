-- Whom a ticket's mail may reach, and by which channel: where the ticket that a set was asked by ends before its mail
-- went out, the next of the set is asked about in its place. Absent where no channel of ours could.
alter table thread add column recipients text[], add column channel text;
