-- Signed text in base64 does not get smaller, however hard one tries.
alter table execution alter column grant_token set storage external;
