-- The passkey that a session began by, base64url: what is answered there with no signature of its own ends with it, as
-- what it signed does. Null where it was none. Whoever had signed in by one signs in anew, for nobody knows which it was;
-- the answers that were given so far have none either.
alter table session add column passkey text;
delete from session where began = 'passkey';
-- From here on vote.credential and trust.credential are that passkey too: only assurance says whether it has signed.
