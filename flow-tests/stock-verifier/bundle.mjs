// Verifies a bundle of an action's evidence as Sigstore verifies any bundle: the attestation's
// signature, and that the log holds it, by its signed checkpoint. Nothing of Countersign's is in
// here: Sigstore's verifier, Node's crypto, the public keys, no more.
//
//   npm ci && node bundle.mjs BUNDLE.json JWKS.json LOG.vkey
//
// Exit 0: verified, and the statement is printed; 1: not verified, and why; 2: wrong arguments.
import {createHash, createPublicKey} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {bundleFromJSON} from '@sigstore/bundle';
import {toSignedEntity, toTrustMaterial, Verifier} from '@sigstore/verify';

if (process.argv.length !== 5) {
  console.error('node bundle.mjs BUNDLE.json JWKS.json LOG.vkey');
  process.exit(2);
}
const [json, jwks] = process.argv.slice(2, 4).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const [, name, coded] = /^([^+]+)\+[0-9a-f]{8}\+(\S+)\s*$/.exec(readFileSync(process.argv[4], 'utf8'));

// A verifier key (C2SP signed-note) is a byte that says Ed25519, and the key.
const raw = Buffer.from(coded, 'base64');
const log = {
  baseUrl: name,
  publicKey: {
    rawBytes: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw.subarray(1)]),
    keyDetails: 7, // PKIX_ED25519
  },
  logId: {keyId: createHash('sha256').update(`${name}\n`).update(raw).digest()},
};
const trusted = toTrustMaterial({certificateAuthorities: [], timestampAuthorities: [], tlogs: [log], ctlogs: []}, (hint) => {
  const jwk = jwks.keys.find((key) => key.kid === hint && key.role === 'attestation');
  if (!jwk) {
    throw new Error(`no attestation key ${hint}`);
  }
  // No timestamp of another party's is in the bundle: when the key was in force says the statement.
  return {publicKey: createPublicKey({key: jwk, format: 'jwk'}), validFor: () => true};
});
try {
  const bundle = bundleFromJSON(json);
  new Verifier(trusted, {tlogThreshold: 1, ctlogThreshold: 0, timestampThreshold: 0}).verify(toSignedEntity(bundle));
  const statement = JSON.parse(bundle.content.dsseEnvelope.payload.toString('utf8'));
  const {from, until} = jwks.keys.find((key) => key.kid === bundle.verificationMaterial.content.publicKey.hint).validFor;
  const at = new Date(statement.predicate.at);
  if (at < new Date(from) || (until && at > new Date(until))) {
    throw new Error(`the key was not in force at ${statement.predicate.at}`);
  }
  console.log(JSON.stringify(statement));
} catch (e) {
  console.error(String(e));
  process.exit(1);
}
