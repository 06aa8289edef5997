-- Which finding about its action it is: of two the higher is the later, whatever the clocks say. Findings from before
-- they were numbered are earlier than any, and by their time among each other.
alter table action add column reconciled_number integer;
update action set reconciled_number = 0 where reconciled is not null;
