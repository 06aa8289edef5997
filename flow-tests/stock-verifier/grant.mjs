// Verifies a grant as a stock implementation of JOSE does, before the call that it permits is run.
// Nothing of Countersign's is in here: a JOSE library, one for RFC 8785, the public keys, no more.
//
//   npm ci && node grant.mjs GRANT JWKS.json TOOLSET/TOOL PARAMETERS.json
//
// GRANT is the token, or a file that holds it. Exit 0: it permits this call now, and who approved is
// printed; 1: it does not, and why; 2: wrong arguments.
import {createHash} from 'node:crypto';
import {existsSync, readFileSync} from 'node:fs';
import canonicalize from 'canonicalize';
import {createLocalJWKSet, jwtVerify} from 'jose';

const [grant, jwks, tool, parameters, ...more] = process.argv.slice(2);
if (parameters === undefined || more.length > 0) {
  console.error('node grant.mjs GRANT JWKS.json TOOLSET/TOOL PARAMETERS.json');
  process.exit(2);
}
const json = (file) => JSON.parse(readFileSync(file, 'utf8'));
const token = existsSync(grant) ? readFileSync(grant, 'utf8').trim() : grant;
// A key has one role, and only those of this role sign grants.
const keys = json(jwks).keys.filter((key) => key.role === 'grant' && !(new Date(key.validFor?.until ?? Infinity) < new Date()));
const [toolset, name] = tool.split('/');

try {
  const {payload} = await jwtVerify(token, createLocalJWKSet({keys}), {
    typ: 'countersign-grant+jwt',
    algorithms: ['EdDSA'],
    issuer: 'urn:countersign:ticket-service',
    audience: toolset,
    requiredClaims: ['sub', 'jti', 'nbf', 'exp'],
    clockTolerance: 5,
  });
  const [call, ...others] = payload.authorization_details;
  if (others.length > 0 || call.type !== 'urn:countersign:tool-call:v1' || call.identifier !== payload.jti) {
    throw new Error('not one tool call');
  }
  if (call.actions.length !== 1 || call.actions[0] !== tool || call.agent.id !== payload.sub) {
    throw new Error(`for another tool or agent: ${call.actions}, ${payload.sub}`);
  }
  // What was approved, to the byte.
  const action = {actionId: payload.jti, agent: call.agent, parameters: json(parameters), tool: {toolset, name}};
  const digest = `sha256:${createHash('sha256').update(canonicalize(action)).digest('hex')}`;
  if (digest !== call.action_digest) {
    throw new Error('for other parameters');
  }
  console.log(JSON.stringify({actionId: payload.jti, approvals: payload.approvals}));
} catch (e) {
  console.error(String(e));
  process.exit(1);
}
