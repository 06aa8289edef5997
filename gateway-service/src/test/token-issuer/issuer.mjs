// An authorization server on loopback that gives agents access tokens for themselves: oidc-provider, certified by the
// OpenID Foundation. Prints its issuer in one line once it listens, and ends with its standard input.
//
// A token for the resource urn:countersign:short lives a second, but is meant for the gateway all the same.
import {createServer} from 'node:http';
import Provider from 'oidc-provider';

const GATEWAY = 'urn:countersign:gateway';

const agent = (client_id) => ({
  client_id,
  client_secret: 'a-secret-of-the-tests-of-32-chars-or-more',
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  token_endpoint_auth_method: 'client_secret_post',
});

let provider;
const server = createServer((request, response) => provider.callback()(request, response));

server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  provider = new Provider(issuer, {
    clients: [agent('billing-bot'), agent('payroll-bot')],
    extraTokenClaims: () => ({toolsets: ['payments', 'crm'], platform: 'acme-agents'}),
    features: {
      devInteractions: {enabled: false},
      clientCredentials: {enabled: true},
      resourceIndicators: {
        enabled: true,
        defaultResource: () => GATEWAY,
        getResourceServerInfo: (_, resource) => ({
          scope: '',
          audience: resource === 'urn:countersign:short' ? GATEWAY : resource,
          accessTokenTTL: resource === 'urn:countersign:short' ? 1 : 3600,
          accessTokenFormat: 'jwt',
          jwt: {sign: {alg: 'RS256'}},
        }),
      },
    },
  });
  console.log(issuer);
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
