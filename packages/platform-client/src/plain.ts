/**
 * Inherits nothing, not even from `Object.prototype`. A literal with `__proto__: null` would be a slow hash table in
 * V8.
 */
class Plain {}
Reflect.deleteProperty(Plain.prototype, "constructor");
Object.setPrototypeOf(Plain.prototype, null);

/**
 * Copies an object's own properties, ignoring those inherited from a polluted `Object.prototype`. `null` counts as left
 * out, as in options that come from JSON.
 */
export function plain<T extends object>(options: T): T {
  const own: T = Object.assign(new Plain(), options);
  for (const name in own) if (own[name] === null) Reflect.set(own, name, undefined);
  return own;
}
