// The official clients of both generations, behind one shape: what they make of our answers is theirs.
import {Client as ClientNow, StreamableHTTPClientTransport as TransportNow} from "@modelcontextprotocol/client";
import {Client as ClientThen} from "@modelcontextprotocol/sdk/client/index.js";
import {StreamableHTTPClientTransport as TransportThen} from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const NAME = {name: "stock-client", version: "1.0.0"};

/** Connects with the revision `2026-07-28` or `2025-11-25`, and fails where it gets another. */
export async function connect(url, revision) {
  const now = revision === "2026-07-28";
  const client = now
    ? new ClientNow(NAME, {versionNegotiation: {mode: {pin: revision}}})
    : new ClientThen(NAME);
  const transport = now ? new TransportNow(new URL(url)) : new TransportThen(new URL(url));
  await client.connect(transport);
  if (!now && transport.protocolVersion !== revision) {
    throw new Error(`negotiated ${transport.protocolVersion} and not ${revision}`);
  }
  // Reads the schemas, against which the client holds every structured result.
  const {tools} = await client.listTools();
  return {
    tools,
    call: (name, args) => client.callTool({name, arguments: args}),
    close: () => client.close(),
  };
}

export const say = (what) => console.log(JSON.stringify(what));
