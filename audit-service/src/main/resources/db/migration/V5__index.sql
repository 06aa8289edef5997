-- An action of which nothing is known is found by its place and its id alone. Each of these indexes costs every new
-- action as much as its row does, and nobody looks for the agent, tool or outcome that there is not.
drop index action_of_agent, action_of_tool, action_of_toolset, action_by_outcome;
create index action_of_agent on action (agent_key, first desc) where agent_key is not null;
create index action_of_tool on action (tool, first desc) where tool is not null;
create index action_of_toolset on action (toolset, first desc) where toolset is not null;
create index action_by_outcome on action (outcome, first desc) where outcome is not null;
