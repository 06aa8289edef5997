/** A service over HTTP, and who calls. */
import {setTimeout as sleep} from 'node:timers/promises';

export interface Reply {
  readonly status: number;
  /** Undefined where it was no JSON object. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
  /** Seconds; undefined where it does not say. */
  readonly retryAfter: number | undefined;
}

/** Nothing came back: whether the request arrived is not known. */
export interface Unheard {
  readonly unheard: string;
}

/** Beyond the time that the server was allowed to take. */
const PATIENCE = 15;

export type Fetch = typeof globalThis.fetch;

export class Door {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #fetch: Fetch;

  constructor(url: string, token?: string, fetch: Fetch = globalThis.fetch) {
    const {protocol, search, hash} = new URL(url);
    if (!/^https?:$/.test(protocol) || search !== '' || hash !== '') {
      throw new TypeError(`${url} is no address of a service, like https://gateway.example`);
    }
    // fetch would say which value is none, and so would whatever logs that.
    if (token !== undefined && !/^[!-~]+$/.test(token)) {
      throw new TypeError('the token has characters that none has: a line end at its end, perhaps');
    }
    this.#url = url.replace(/\/+$/, '');
    this.#token = token;
    this.#fetch = fetch;
  }

  /** @param wait how many seconds the server may take beyond its usual ones */
  async send(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
    wait = 0,
    signal?: AbortSignal,
  ): Promise<Reply | Unheard> {
    const limit = AbortSignal.timeout((wait + PATIENCE) * 1000);
    const init: RequestInit = {
      method,
      headers: {
        accept: 'application/json',
        ...headers,
        ...(this.#token === undefined ? {} : {authorization: `Bearer ${this.#token}`}),
      },
      // An API that redirects is not the one that was asked, and must not get its key.
      redirect: 'manual',
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    };
    if (body !== undefined) {
      init.body = body;
    }
    try {
      const response = await this.#fetch(this.#url + path, init);
      const header = response.headers.get('retry-after');
      return {
        status: response.status,
        json: json(await response.text()),
        // A date becomes NaN, and that nothing: ours say seconds.
        retryAfter: header === null ? undefined : seconds(Number(header)),
      };
    } catch (broken) {
      signal?.throwIfAborted();
      return {unheard: `${this.#url} does not answer: ${String(broken)}`};
    }
  }
}

/** Lets time pass; throws the signal's reason once that is aborted. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : {signal});
  } catch (stopped) {
    signal?.throwIfAborted();
    throw stopped;
  }
}

export function seconds(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value < Infinity ? value : undefined;
}

/** The code and the sentence of a problem (RFC 9457). */
export function problem(reply: Reply): {code: string; text: string} {
  const {type, detail} = reply.json ?? {};
  return {
    code: typeof type === 'string' ? type.slice(type.lastIndexOf(':') + 1) : `http-${reply.status}`,
    text: typeof detail === 'string' ? detail : `it answered ${reply.status}`,
  };
}

/** A client's fault, which the same request would meet again. */
export function isNo(reply: Reply): boolean {
  return reply.status >= 400 && reply.status < 500 && ![408, 425, 429].includes(reply.status);
}

function json(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
