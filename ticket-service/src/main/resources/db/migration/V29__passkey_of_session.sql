-- The passkey that a session began by, base64url: what is answered there with no signature of its own ends with it, as
-- what it signed does. Null where it was none. Nothing is rewritten; what began before, or is begun meanwhile by an
-- instance of the release before, has none and is over within eight hours.
alter table session add column passkey text;
-- From here on vote.credential and trust.credential are that passkey too: only assurance says whether it has signed.
