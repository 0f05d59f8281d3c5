/**
 * Copies the object's own properties, without those of a polluted `Object.prototype`. `null` counts as left out, as in
 * options that come from JSON.
 */
export function ownProperties<T extends object>(options: T): T {
  const own: T = Object.assign(Object.create(null), options);
  for (const name in own) if (own[name] === null) Reflect.set(own, name, undefined);
  return own;
}

export function ownVariable(env: Readonly<Record<string, string | undefined>>, name: string) {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}

/** A property of the object itself; `undefined` for a non-object or an inherited property. */
export function ownMember(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
