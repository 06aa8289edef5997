-- The passkey that a vote was given by, base64url, and when it was revoked while the ticket was pending: from then on
-- the vote counts no more, and its approver may vote anew.
alter table vote add column credential text, add column lapsed_at timestamptz;

create index vote_by on vote (credential) where credential is not null;

-- Of what is pending, what was voted before is found in its attestation (a DSSE envelope over an in-toto statement).
update vote v set credential = translate(
    cast(convert_from(decode(cast(v.attestation as json) ->> 'payload', 'base64'), 'UTF8') as json)
        -> 'predicate' -> 'assertion' ->> 'credentialId', '=', '')
from ticket t
where t.action_id = v.action_id and t.state = 'pending' and v.assurance = 'passkey' and v.attestation is not null;

update vote v set lapsed_at = p.revoked_at
from passkey p, ticket t
where p.credential_id = v.credential and p.state = 'revoked' and t.action_id = v.action_id and t.state = 'pending';
