-- Written once and mostly base64, which does not get smaller, however hard one tries.
alter table vote set (toast_tuple_target = 8160);
