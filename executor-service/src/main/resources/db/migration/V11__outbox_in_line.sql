-- An event goes out of the outbox in a moment: below a page it is neither compressed nor put elsewhere.
alter table outbox set (toast_tuple_target = 8160);

-- Signed text in base64 does not get smaller, however hard one tries.
alter table execution alter column grant_token set storage external;
