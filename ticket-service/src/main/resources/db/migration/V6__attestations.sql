-- The vote as it was signed: a DSSE envelope, kept as the text that was published. Votes of before have none.
alter table vote add column attestation text;
