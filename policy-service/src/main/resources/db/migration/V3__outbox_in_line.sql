-- An event goes out of the outbox in a moment: below a page it is neither compressed nor put elsewhere.
alter table outbox set (toast_tuple_target = 8160);
