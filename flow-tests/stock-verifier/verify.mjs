// Verifies an attestation as a stock implementation of DSSE and in-toto does. Nothing of
// Countersign's is in here: Sigstore's verifier, Node's crypto, the public keys, no more.
//
//   npm ci && node verify.mjs ENVELOPE.json JWKS.json
//
// Exit 0: verified, and the statement is printed; 1: not verified, and why; 2: wrong arguments.
import {createPublicKey} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {bundleFromJSON} from '@sigstore/bundle';
import {toSignedEntity, toTrustMaterial, Verifier} from '@sigstore/verify';

if (process.argv.length !== 4) {
  console.error('node verify.mjs ENVELOPE.json JWKS.json');
  process.exit(2);
}
const [envelope, jwks] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));

// Sigstore wants a bundle around the envelope; the key is ours to know, and no log is asked.
const bundle = bundleFromJSON({
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  verificationMaterial: {publicKey: {hint: envelope.signatures[0].keyid}, tlogEntries: []},
  dsseEnvelope: envelope,
});
const trusted = toTrustMaterial({certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: []}, (hint) => {
  const jwk = jwks.keys.find((key) => key.kid === hint && key.role === 'attestation');
  if (!jwk) {
    throw new Error(`no attestation key ${hint}`);
  }
  const {from, until} = jwk.validFor;
  return {
    publicKey: createPublicKey({key: jwk, format: 'jwk'}),
    validFor: (at) => at >= new Date(from) && (!until || at <= new Date(until)),
  };
});
try {
  new Verifier(trusted, {tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0, tsaThreshold: 0}).verify(toSignedEntity(bundle));
  const statement = JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8'));
  if (statement._type !== 'https://in-toto.io/Statement/v1') {
    throw new Error(`not an in-toto statement: ${statement._type}`);
  }
  console.log(JSON.stringify(statement));
} catch (e) {
  console.error(String(e));
  process.exit(1);
}
