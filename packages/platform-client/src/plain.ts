/**
 * Inherits nothing, not even from `Object.prototype`. A literal with `__proto__: null` would be a slow hash table in
 * V8.
 */
class Plain {}
Reflect.deleteProperty(Plain.prototype, "constructor");
Object.setPrototypeOf(Plain.prototype, null);

/** Copies an object's own properties, ignoring those inherited from a polluted `Object.prototype`. */
export function plain<T extends object>(options: T): T {
  return Object.assign(new Plain(), options);
}
