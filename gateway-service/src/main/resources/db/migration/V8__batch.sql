-- Which set an action was proposed in here: a set counts what belongs to it, and no action whose id was taken before.
alter table action add column batch text;
