-- Mostly signed text in base64, which does not get smaller, however hard one tries.
alter table action alter column decision set storage external;
