-- How many belong to the batch, and whether this one is asked about by itself all the same. Also of what needed nobody,
-- so that what is missing can be told from what is done.
alter table ticket add column batch_size integer, add column alone boolean not null default false;

create index ticket_batch on ticket (batch_id, agent) where batch_id is not null;
