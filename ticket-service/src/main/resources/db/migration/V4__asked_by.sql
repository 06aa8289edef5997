-- Who asked, in which run, for which tool: what else a run did, and what the last like it was, are found by these.
-- Absent where the proposal was such that nobody could tell, and on rows that were filed before.
alter table ticket add column agent text, add column platform text, add column session text, add column toolset text,
    add column tool text;

create index ticket_run on ticket (agent, session, opened_at) where session is not null;
-- Those that people approved, by what they were.
create index ticket_like on ticket (toolset, tool, agent, decided_at) where state = 'approved' and prompt is not null;
