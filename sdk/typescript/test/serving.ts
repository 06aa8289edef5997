/** A service as it misbehaves. What services do, SdkTest says. */
import {createServer, type IncomingHttpHeaders} from 'node:http';
import type {AddressInfo} from 'node:net';

/** Undefined breaks the connection off. */
export type Answer = {status: number; body?: unknown; headers?: Record<string, string>} | 'never' | undefined;

export interface Asked {
  line: string;
  headers: IncomingHttpHeaders;
  body: any;
}

/** Answers one after the other, or as a function says, and keeps what it was asked. */
export async function serving<T>(
  answers: Answer[] | ((asked: Asked) => Answer),
  use: (url: string, asked: Asked[]) => Promise<T>,
): Promise<T> {
  const all: Asked[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) {
      parts.push(part as Buffer);
    }
    const text = Buffer.concat(parts).toString('utf8');
    const asked = {line: `${request.method} ${request.url}`, headers: request.headers, body: text && JSON.parse(text)};
    all.push(asked);
    const answer = Array.isArray(answers) ? answers.shift() : answers(asked);
    if (answer === undefined) {
      request.socket.destroy();
      return;
    }
    if (answer === 'never') {
      return;
    }
    response.writeHead(answer.status, answer.headers);
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, all);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
