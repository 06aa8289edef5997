// An MCP server whose one tool says of itself what the file `description` in its folder says, and
// writes a line into the file `calls` there for each call of it.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const folder = process.argv[2];
const results = {
  initialize: () => ({
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'drifting', version: '1' },
  }),
  'tools/list': () => ({
    tools: [
      {
        name: 'drift',
        description: readFileSync(join(folder, 'description'), 'utf8'),
        inputSchema: { type: 'object' },
      },
    ],
  }),
  'tools/call': () => {
    appendFileSync(join(folder, 'calls'), 'called\n');
    return { content: [{ type: 'text', text: 'drifted along' }] };
  },
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (results[method]) {
    process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result: results[method]() }) + '\n');
  }
});
