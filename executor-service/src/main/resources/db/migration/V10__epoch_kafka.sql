-- Which Kafka `read_up_to` is about, by its cluster id: another one begins at zero again, and that is no restore.
alter table epoch add column kafka text;
