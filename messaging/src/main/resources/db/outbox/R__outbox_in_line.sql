-- An event goes out of the outbox in a moment: below a page it is neither compressed nor put elsewhere. Repeatable,
-- for each service counts its own versions.
alter table outbox set (toast_tuple_target = 8160);
