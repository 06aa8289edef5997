-- How it ended, in a word: of its JSON, PostgreSQL reads no member where any string holds U+0000, and what a target
-- answered may.
alter table execution add column ended text;
update execution set ended = substring(event from '"status":"([a-z-]+)"');
alter table execution alter column ended set not null;
