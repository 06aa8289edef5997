/** What Node prints of an object, in a log for one: less than it has. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** The same object; whoever prints it does not see these members. */
export function unprinted<T extends object>(object: T, ...hidden: string[]): T {
  const print = (_depth: number, options: object, inspect?: (value: unknown, options: object) => string): unknown => {
    const shown = Object.fromEntries(Object.entries(object).filter(([name]) => !hidden.includes(name)));
    return inspect === undefined ? shown : inspect(shown, options);
  };
  return Object.defineProperty(object, INSPECT, {value: print});
}
