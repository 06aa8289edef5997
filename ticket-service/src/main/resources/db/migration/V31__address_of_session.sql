-- The hash of the address to which the code was mailed that a session began by: where the operator's file names another
-- by now, the session is nobody's. Null where it was no code. Whoever had signed in by one signs in anew, for nobody knows
-- which address it was.
alter table session add column address text;
alter table sign_in add column address text;
delete from session where began = 'code';
delete from sign_in;
