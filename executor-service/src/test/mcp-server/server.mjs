// An MCP server by the official SDK and an OpenID provider certified by the OpenID Foundation, on loopback. Prints the
// addresses of both in one line, and ends with its standard input.
//
// /mcp answers in event streams and keeps sessions, /json answers in JSON without any, /guarded wants an access token.
// /held opens a session only after /release, and /holding says how many wait for that.
// /seen lists the calls of the tools, and counts the open sessions and all that were opened.
import {randomUUID} from 'node:crypto';
import {createServer} from 'node:http';
import {McpServer} from '@modelcontextprotocol/sdk/server/mcp.js';
import {StreamableHTTPServerTransport} from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import Provider from 'oidc-provider';
import {z} from 'zod';

const calls = [];
const sessions = new Map();
let opened = 0;
const tokens = [];

function tools() {
  const server = new McpServer({name: 'the-tests-server', version: '1'}, {capabilities: {logging: {}}});
  const seen = (name, args, extra) => calls.push({name, args, meta: extra._meta, headers: extra.requestInfo.headers});
  const text = (it, more) => ({content: [{type: 'text', text: it}], ...more});
  server.registerTool('refund', {inputSchema: {customer: z.string(), amount: z.string()}}, async (args, extra) => {
    seen('refund', args, extra);
    // A message before the response, as servers may send them.
    await extra.sendNotification({method: 'notifications/message', params: {level: 'info', data: 'half-way'}});
    return text('refunded, with a secret in it');
  });
  server.registerTool('broken', {inputSchema: {}}, async (args, extra) => {
    seen('broken', args, extra);
    return text('no such customer: a secret', {isError: true});
  });
  server.registerTool('slow', {inputSchema: {}}, async (args, extra) => {
    seen('slow', args, extra);
    await new Promise((resolve) => extra.signal.addEventListener('abort', resolve));
    return text('never');
  });
  return server;
}

async function streams(request, response) {
  const id = request.headers['mcp-session-id'];
  let transport = sessions.get(id);
  if (!transport) {
    transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (made) => {
        opened++;
        sessions.set(made, transport);
      },
      onsessionclosed: (closed) => sessions.delete(closed),
    });
    await tools().connect(transport);
  }
  await transport.handleRequest(request, response);
}

async function plain(request, response) {
  const transport = new StreamableHTTPServerTransport({sessionIdGenerator: undefined, enableJsonResponse: true});
  await tools().connect(transport);
  await transport.handleRequest(request, response);
}

// As a server that is slow to open a session: what only comes once it is open is not held.
const waiting = [];
async function held(request, response) {
  if (!request.headers['mcp-protocol-version']) {
    await new Promise((resolve) => waiting.push(resolve));
  }
  await plain(request, response);
}

let provider;
const authorization = createServer((request, response) => provider.callback()(request, response));

async function guarded(request, response) {
  const token = (request.headers.authorization ?? '').replace('Bearer ', '');
  const found = await provider.ClientCredentials.find(token);
  if (!found || !found.scopes.has('payments:write')) {
    response.writeHead(401).end();
    return;
  }
  tokens.push(token);
  await plain(request, response);
}

const server = createServer(async (request, response) => {
  const {pathname} = new URL(request.url, 'http://localhost');
  switch (pathname) {
    case '/mcp': return streams(request, response);
    case '/json': return plain(request, response);
    case '/guarded': return guarded(request, response);
    case '/held': return held(request, response);
    case '/holding': return response.end(String(waiting.length));
    case '/release': {
      waiting.splice(0).forEach((resolve) => resolve());
      return response.end();
    }
    case '/revoke': {
      for (const token of new Set(tokens)) {
        await (await provider.ClientCredentials.find(token))?.destroy();
      }
      return response.end();
    }
    case '/seen':
      response.setHeader('content-type', 'application/json');
      return response.end(JSON.stringify({calls, sessions: sessions.size, opened, tokens: new Set(tokens).size}));
    default: return response.writeHead(404).end();
  }
});

authorization.listen(0, '127.0.0.1', () => {
  provider = new Provider(`http://127.0.0.1:${authorization.address().port}`, {
    clients: [{
      client_id: 'executor:1',
      client_secret: 'a secret / of the tests + 32 characters',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    }],
    scopes: ['payments:write'],
    features: {clientCredentials: {enabled: true}, devInteractions: {enabled: false}},
    ttl: {ClientCredentials: 600},
  });
  server.listen(0, '127.0.0.1', () =>
    console.log(`${server.address().port} ${authorization.address().port}`));
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
