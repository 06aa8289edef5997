/** Whether a grant permits exactly the call at hand, now: offline, with the public keys alone. */
import {createPublicKey, verify as verifySignature, type KeyObject} from 'node:crypto';
import {digest, type JsonObject} from './canonical.js';

export const ISSUER = 'urn:countersign:ticket-service';
const TYPE = 'countersign-grant+jwt';
const TOOL_CALL = 'urn:countersign:tool-call:v1';

/** How far the clocks of signer and verifier may be apart, in seconds. */
const LEEWAY = 5;

/** As long as the ticket service can make one. */
const LONGEST = 512 * 1024;
const LAST = Date.parse('9999-12-31T23:59:59Z') / 1000;

/** The call must not be run: `code` is stable, the message says why and what to do. */
export class NotPermitted extends Error {
  override readonly name = 'NotPermitted';

  constructor(
    readonly code: string,
    detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}

/** Who approved, how surely it was them, and when. */
export interface Approval {
  readonly approver: string;
  readonly assurance: string;
  readonly at: string;
}

/** What an authentic grant that permits this call says. */
export interface Grant {
  readonly actionId: string;
  readonly tool: string;
  readonly agent: Readonly<Record<string, string>>;
  readonly actionDigest: string;
  readonly expiresAt: Date;
  readonly approvals: readonly Approval[];
}

/** A key that signs grants, and the end of its time in seconds since 1970. */
export interface Key {
  readonly key: KeyObject;
  readonly until?: number;
}

/** The key of this id that signs grants and is in force; undefined where there is none. */
export type FindKey = (kid: string) => Promise<KeyObject | undefined>;

/** The grant, if it permits this tool with these parameters at this time (in seconds since 1970). */
export async function verify(
  token: string,
  tool: string,
  parameters: JsonObject,
  findKey: FindKey,
  now: number,
  issuer: string = ISSUER,
): Promise<Grant> {
  const claims = await read(token, findKey);
  const {grant, notBefore, end} = permitted(claims, tool, parameters, issuer);
  unless(now >= notBefore - LEEWAY, 'grant-early', 'it does not hold yet: look at the clocks');
  unless(now < end + LEEWAY, 'grant-expired', 'its time is over; propose it anew');
  return grant;
}

/** The keys of a JWK set (RFC 7517) that sign grants, by id. Throws a TypeError where this is no key set. */
export function keysOf(jwks: unknown): Map<string, Key> {
  const set = (jwks as {keys?: unknown} | null)?.keys;
  if (!Array.isArray(set)) {
    throw new TypeError('a key set has an array of keys');
  }
  const keys = new Map<string, Key>();
  for (const jwk of set as Record<string, unknown>[]) {
    // A key has one role, and only those of this role sign grants.
    if (jwk?.['role'] !== 'grant') {
      continue;
    }
    const {kid, kty, crv, x} = jwk;
    if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string') {
      throw new TypeError('grants are signed by keys on Ed25519');
    }
    if (typeof kid !== 'string' || keys.has(kid)) {
      throw new TypeError('a key without an id of its own');
    }
    const key = createPublicKey({key: {kty, crv, x}, format: 'jwk'});
    const until = (jwk['validFor'] as {until?: unknown} | undefined)?.until;
    if (until === undefined || until === null) {
      keys.set(kid, {key});
    } else {
      const end = Date.parse(String(until)) / 1000;
      if (Number.isNaN(end)) {
        throw new TypeError("a key whose end can't be read");
      }
      keys.set(kid, {key, until: end});
    }
  }
  return keys;
}

/** The claims, if the ticket service signed them as a grant (RFC 7515, RFC 8037). */
async function read(token: string, findKey: FindKey): Promise<Record<string, unknown>> {
  const parts = typeof token === 'string' && token.length <= LONGEST ? token.split('.') : [];
  unless(parts.length === 3, 'grant-malformed', 'the token is no signed JWT in compact form');
  const [header, payload, signature] = parts.map(base64) as [Buffer, Buffer, Buffer];
  const head = object(header, 'grant-malformed', 'the token is no signed JWT in compact form');
  unless(head['typ'] === TYPE, 'grant-type', `the token's typ is not ${TYPE}`);
  unless(head['alg'] === 'EdDSA', 'grant-algorithm', "the token's alg is not EdDSA");
  unless(!('crit' in head) && !('b64' in head), 'grant-header', "the token's header asks for what grants don't have");
  const kid = head['kid'];
  const key = typeof kid === 'string' ? await findKey(kid) : undefined;
  if (key === undefined) {
    throw new NotPermitted('grant-key', 'the ticket service has no key of that kid');
  }
  const signed = Buffer.from(token.slice(0, token.lastIndexOf('.')), 'ascii');
  unless(verifySignature(null, signed, key, signature), 'grant-signature', "the token's signature is not good");
  return object(payload, 'grant-claims', "the grant's claims are not those of a grant");
}

function permitted(
  claims: Record<string, unknown>,
  tool: string,
  parameters: JsonObject,
  issuer: string,
): {grant: Grant; notBefore: number; end: number} {
  const details = claims['authorization_details'];
  unless(
    Array.isArray(details) && details.length === 1 && isObject(details[0]),
    'grant-details',
    'a grant has exactly one authorization detail',
  );
  const call = (details as Record<string, unknown>[])[0] as Record<string, unknown>;
  const aud = claims['aud'];
  const audience = Array.isArray(aud) && aud.length === 1 ? (aud[0] as unknown) : aud;
  const agent = call['agent'] as Record<string, unknown> | undefined;
  const approvals = claims['approvals'] ?? [];
  const [iss, sub, jti, type, identifier, actionDigest] = [
    claims['iss'], claims['sub'], claims['jti'], call['type'], call['identifier'], call['action_digest'],
  ];
  const [notBefore, end] = [claims['nbf'], claims['exp']];
  if (
    typeof iss !== 'string' || typeof sub !== 'string' || typeof jti !== 'string' || typeof audience !== 'string' ||
    typeof type !== 'string' || typeof identifier !== 'string' || typeof actionDigest !== 'string' ||
    !/^sha256:[0-9a-f]{64}$/.test(actionDigest) || !isTime(notBefore) || !isTime(end) ||
    !Array.isArray(call['actions']) || (agent !== undefined && !isObject(agent)) || !Array.isArray(approvals)
  ) {
    throw new NotPermitted('grant-claims', "the grant's claims are not those of a grant");
  }
  unless(iss === issuer, 'grant-issuer', `the grant's iss is not ${issuer}`);
  unless(
    type === TOOL_CALL && identifier === jti,
    'grant-details',
    "the grant's authorization_details are not of this call",
  );
  const slash = tool.indexOf('/');
  const toolset = tool.slice(0, slash);
  const who: Record<string, string> = {id: sub};
  for (const each of ['platform', 'onBehalfOf']) {
    const value = agent?.[each];
    if (value !== undefined && value !== null) {
      who[each] = value as string;
    }
  }
  const action = {actionId: jti, agent: who, parameters, tool: {toolset, name: tool.slice(slash + 1)}};
  unless(
    digest(action) === actionDigest,
    'grant-digest',
    'the grant was given for another action: parameters, tool or agent differ',
  );
  unless(audience === toolset, 'grant-audience', "the grant's aud is not the action's toolset");
  unless(agent === undefined || agent['id'] === sub, 'grant-subject', "the grant's sub is not the action's agent");
  const actions = call['actions'] as unknown[];
  unless(actions.length === 1 && actions[0] === tool, 'grant-details', "the grant's actions are not the action's tool");
  return {
    grant: {
      actionId: jti,
      tool,
      agent: who,
      actionDigest,
      expiresAt: new Date(end * 1000),
      approvals: (approvals as unknown[]).map(approval),
    },
    notBefore,
    end,
  };
}

function approval(claim: unknown): Approval {
  const {approver, assurance, at} = isObject(claim) ? claim : ({} as Record<string, unknown>);
  if (typeof approver !== 'string' || typeof assurance !== 'string' || typeof at !== 'string') {
    throw new NotPermitted('grant-claims', "the grant's approvals are none");
  }
  return {approver, assurance, at};
}

function base64(part: string): Buffer {
  const raw = Buffer.from(part, 'base64url');
  // Decoders forgive blanks and stray bits; a token that was touched at all is not what was signed.
  unless(raw.toString('base64url') === part, 'grant-malformed', 'the token is not in plain base64url');
  return raw;
}

function object(raw: Buffer, code: string, detail: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(raw));
  } catch {
    throw new NotPermitted(code, detail);
  }
  if (!isObject(value)) {
    throw new NotPermitted(code, detail);
  }
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= LAST;
}

function unless(holds: boolean, code: string, detail: string): void {
  if (!holds) {
    throw new NotPermitted(code, detail);
  }
}
