/**
 * An object's own properties: a polluted `Object.prototype` must not be able to name a database or a key.
 */
export function ownProperties<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options);
}
