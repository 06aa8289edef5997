-- What those lock who open or end tickets that ask one question, so that they have one order. Folded into 256 keys: a
-- batch of 500 questions would take 500 locks, and the lock table holds a few thousand of them for all.
create function question_key(digest text) returns bigint
language sql immutable
return hashtextextended('question/' || digest, 0) & 255;

-- The standing permissions in force, of which an open page asks once a second; the others that it shows are found by
-- their age.
create index trust_in_force on trust (until) where revoked_at is null;
