-- The groups that a ticket asks, so that a person's inbox is found among however many tickets wait for others.
-- Who may answer is not decided by it: people are judged by the requirement and the operator's file, as they stand.
alter table ticket add column asks text[];

update ticket t set asks = (
    select array_agg(distinct asked) from json_array_elements(cast(t.requirement as json) -> 'quorums') as quorum,
        json_array_elements_text(quorum -> 'groups') as asked)
where t.state = 'pending';

create index ticket_asks on ticket using gin (asks) where state = 'pending';
