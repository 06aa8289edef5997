// The official MCP client, as any host uses it: lists the tools, or calls one and waits for people.
//
//   agent.mjs list                     one JSON array of tools
//   agent.mjs call NAME ARGUMENTS      the result, once there is one
//   agent.mjs time N NAME ARGUMENTS -- COMMAND…   N calls each, through the gate and of the server itself
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const UNANSWERED = ['received', 'waiting', 'unreachable', 'approved', 'executing'];

// A machine may be slow, and a person slower.
const PATIENCE = { timeout: 300_000 };

async function connect(transport) {
  const client = new Client({ name: 'stock-agent', version: '1' });
  await client.connect(transport);
  return client;
}

/// Calls a tool; where people are asked for longer than a call may take, asks again.
async function call(client, name, args) {
  let result = await client.callTool({ name, arguments: args }, undefined, PATIENCE);
  let said = result.structuredContent ?? {};
  while (said.action_id && UNANSWERED.includes(said.status)) {
    console.error(said.say_to_user);
    const check = { action_id: said.action_id, wait_seconds: 45 };
    result = await client.callTool({ name: 'check_approval', arguments: check }, undefined, PATIENCE);
    said = result.structuredContent ?? {};
  }
  return said.response?.json ?? result;
}

function median(times) {
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

async function time(client, many, name, args) {
  const times = [];
  for (let i = 0; i < many; i++) {
    const before = performance.now();
    const result = await client.callTool({ name, arguments: args });
    times.push(performance.now() - before);
    if (result.isError || result.structuredContent?.status) {
      throw new Error(JSON.stringify(result));
    }
  }
  return times;
}

const [what, ...rest] = process.argv.slice(2);
const gate = await connect(new StreamableHTTPClientTransport(new URL(process.env.GATEWAY + '/mcp')));
switch (what) {
  case 'list':
    console.log(JSON.stringify((await gate.listTools()).tools));
    break;
  case 'call':
    console.log(JSON.stringify(await call(gate, rest[0], JSON.parse(rest[1]))));
    break;
  case 'time': {
    const [many, name, args, , command, ...words] = rest;
    const server = await connect(
      new StdioClientTransport({ command, args: words, stderr: 'ignore' }));
    const given = JSON.parse(args);
    await time(server, Number(many), name, given);
    await time(gate, Number(many), name, given);
    // One after the other and again: whatever else the machine does, it does to both.
    const direct = [];
    const gated = [];
    for (let i = 0; i < Number(many); i++) {
      direct.push(...(await time(server, 1, name, given)));
      gated.push(...(await time(gate, 1, name, given)));
    }
    console.log(JSON.stringify({ direct: median(direct), gated: median(gated) }));
    await server.close();
    break;
  }
  default:
    throw new Error('list, call or time');
}
await gate.close();
