/** Copies the object's own properties, without those of a polluted `Object.prototype`. */
export function ownProperties<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options);
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
