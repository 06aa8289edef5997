// An OpenID provider on loopback whose people are whoever types a name: oidc-provider, certified by the OpenID
// Foundation, and a form. Prints its issuer in one line once it listens, and ends with its standard input.
//
// "unverified:" before an address says that nobody checked it.
import {createServer} from 'node:http';
import Provider from 'oidc-provider';

const client = {
  client_id: 'countersign',
  client_secret: 'a-secret-of-the-tests-of-32-chars-or-more',
  // The service's port is not known yet: see redirectUriAllowed.
  redirect_uris: ['http://localhost/sign-in/oidc'],
};

let provider;
const server = createServer(async (request, response) => {
  if (!request.url.startsWith('/interaction/')) {
    return provider.callback()(request, response);
  }
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    return response.end(`<!doctype html><html lang="en"><title>Provider</title><link rel="icon" href="data:,">
      <form method="post"><label for="login">Name</label><input id="login" name="login">
      <button name="go" value="in">Sign in</button><button name="go" value="away">Cancel</button></form>`);
  }
  let body = '';
  for await (const chunk of request) {
    body += chunk;
  }
  const form = new URLSearchParams(body);
  return provider.interactionFinished(
    request,
    response,
    form.get('go') === 'in'
      ? {login: {accountId: form.get('login')}}
      : {error: 'access_denied', error_description: 'The person pressed Cancel.'},
  );
});

server.listen(0, '127.0.0.1', () => {
  // Another site than localhost, as a real provider is: what browsers keep from other sites is kept here too.
  const issuer = `http://127.0.0.1:${server.address().port}`;
  provider = new Provider(issuer, {
    clients: [client],
    claims: {openid: ['sub'], email: ['email', 'email_verified']},
    conformIdTokenClaims: false,
    pkce: {required: () => true},
    features: {devInteractions: {enabled: false}},
    interactions: {url: (_, interaction) => `/interaction/${interaction.uid}`},
    cookies: {keys: ['a-key-of-the-tests']},
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({sub: id, email: id.replace('unverified:', ''), email_verified: !id.startsWith('unverified:')}),
    }),
    // Nobody is asked whether the service may know their address.
    loadExistingGrant: async (context) => {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      });
      grant.addOIDCScope('openid email');
      await grant.save();
      return grant;
    },
  });
  provider.Client.prototype.redirectUriAllowed = (uri) => {
    const url = new URL(uri);
    return url.protocol === 'http:' && url.hostname === 'localhost' && url.pathname === '/sign-in/oidc';
  };
  console.log(issuer);
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
