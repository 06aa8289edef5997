/** The canonical form of JSON (RFC 8785), which an action's digest is taken of. */
import {createHash} from 'node:crypto';

export type Json = null | boolean | number | string | readonly Json[] | {readonly [name: string]: Json};
export type JsonObject = {readonly [name: string]: Json};

/**
 * The one spelling of a JSON value. Throws a TypeError for what has none and JSON.stringify would bend in silence:
 * undefined, NaN, infinities, big integers, dates and other objects with a class, lone surrogates.
 */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'boolean') {
    return String(value);
  }
  if (typeof value === 'string') {
    return text(value);
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) {
      throw new TypeError('JSON has neither NaN nor infinities');
    }
    // ECMAScript's own spelling is the canonical one (§3.2.2.3), but for the sign of zero, which String drops too.
    return String(value);
  }
  if (Array.isArray(value)) {
    // Not map: it would pass over holes.
    return `[${Array.from(value as unknown[], canonical).join(',')}]`;
  }
  if (typeof value === 'object' && isPlain(value)) {
    // Sorted by UTF-16 code units (§3.2.3), as JavaScript compares strings.
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${text(name)}:${canonical((value as Record<string, unknown>)[name])}`).join(',')}}`;
  }
  const kind = typeof value === 'object' ? (value.constructor?.name ?? 'an object with a class') : typeof value;
  throw new TypeError(`${kind} is not JSON; leave it out, or send it as a string`);
}

/** What is left of a value once it went over the wire: nobody else can change it any more. */
export function copy<T>(value: T): T {
  return JSON.parse(canonical(value)) as T;
}

/** `sha256:` and the hex SHA-256 of the canonical form. */
export function digest(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonical(value), 'utf8').digest('hex')}`;
}

function text(value: string): string {
  if (!value.isWellFormed()) {
    throw new TypeError('a lone surrogate in a string; send valid Unicode');
  }
  return JSON.stringify(value);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
