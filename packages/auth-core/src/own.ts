/**
 * An object's own properties. Inherited ones do not count: a polluted `Object.prototype` could name another
 * platform.
 */
export const own = <T extends object>(from: T | null | undefined): Partial<T> =>
  ({ __proto__: null, ...from }) as object as Partial<T>;
