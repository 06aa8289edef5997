-- Who asked, in which run, for which tool: an agent reads what is its own, and finds it again by session. Of what was
-- proposed on Kafka it is known from the verdict on; of what nobody could judge, never. Of what was kept before, an
-- approval alone names its action: the rest is nobody's.
-- `number` is the order in which actions became known here; pages go by it.
alter table action
  add column agent    text,
  add column platform text,
  add column session  text,
  add column toolset  text,
  add column tool     text,
  add column number   bigint generated always as identity;
-- json takes an escaped NUL for an error when it is asked for a member; such an action stays without an origin.
update action
set agent    = cast(decision as json) #>> '{action,agent,id}',
    platform = cast(decision as json) #>> '{action,agent,platform}',
    session  = cast(decision as json) #>> '{action,agent,session}',
    toolset  = cast(decision as json) #>> '{action,tool,toolset}',
    tool     = cast(decision as json) #>> '{action,tool,name}'
where decision is not null and position('\u0000' in decision) = 0
  and (proposed is null or judged is null or proposed = judged);
-- No index takes what is long; PostgresActions keeps such names out from here on.
update action set agent = null where length(agent) > 500;
update action set session = null where length(session) > 500;
create unique index action_number on action (number);
create index action_of_agent on action (agent, number);
create index action_of_session on action (session, number) where session is not null;
