-- An event goes out of the outbox in a moment: below a page it is neither compressed nor put elsewhere.
alter table outbox set (toast_tuple_target = 8160);

-- Written once and mostly base64, which does not get smaller, however hard one tries.
alter table vote set (toast_tuple_target = 8160);
