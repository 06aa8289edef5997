-- How many different people were proven to have approved it: for each assurance, those who are at least so sure. Null where
-- that was not written down yet, a grant's life before this version at most: it counts as nobody.
alter table execution add column approvers json;
