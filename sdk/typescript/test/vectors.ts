/** What all SDKs are tried on: see sdk/vectors. */
import {readFileSync} from 'node:fs';

export function read(name: string): any {
  return JSON.parse(readFileSync(new URL(`../../../vectors/${name}`, import.meta.url), 'utf8'));
}
