-- One row per invitation, and the passkey that was made on it.
--   invited     a person may make one, with the one-time code that they are given on another way
--   made        there is one; it counts for nothing
--   confirmed   a second person vouched for it: it counts
--   revoked     it counts no more, or the invitation was withdrawn before it ever did
create table passkey (
  invitation      uuid primary key,
  approver        text not null,
  state           text not null check (state in ('invited', 'made', 'confirmed', 'revoked')),
  invited_by      text not null,
  invited_at      timestamptz not null default now(),
  -- A slow hash of the one-time code, gone once it was used.
  code            bytea,
  tries           integer not null default 0,
  label           text,
  -- What WebAuthn gives, base64url as it travels: id, attested credential data, and its key as SPKI.
  credential_id   text unique,
  credential      text,
  public_key      text,
  sign_count      bigint,
  backup_eligible boolean,
  made_at         timestamptz,
  confirmed_by    text,
  confirmed_at    timestamptz,
  last_used_at    timestamptz,
  revoked_by      text,
  revoked_at      timestamptz,
  revoked_reason  text,
  check (state in ('invited', 'revoked') or (credential_id is not null and credential is not null
    and public_key is not null and sign_count is not null and backup_eligible is not null and made_at is not null)),
  check (state <> 'confirmed' or (confirmed_by is not null and confirmed_at is not null)),
  check (state <> 'revoked' or (revoked_by is not null and revoked_at is not null)),
  -- Two pairs of eyes, not even by a statement that forgot to look. The operator may be both while there are not two
  -- admins who could.
  check (confirmed_by <> approver),
  check (confirmed_by <> invited_by or invited_by = 'operator')
);
create index passkey_of on passkey (approver, state);

-- What a passkey was asked to sign and has not signed yet: single use, for five minutes.
create table ceremony (
  id       uuid primary key,
  purpose  text not null check (purpose in ('vote', 'enrolment', 'sign-in')),
  -- For whom: an approver, an invitation, or where it is asked from.
  subject  text not null,
  nonce    text not null,
  content  text not null,
  began_at timestamptz not null default now()
);
create index ceremony_age on ceremony (began_at);
create index ceremony_of on ceremony (purpose, subject);

-- How a session began says what its word is worth.
alter table session add column began text not null default 'code' check (began in ('code', 'passkey', 'oidc'));
