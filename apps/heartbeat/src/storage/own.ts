/** The object's own properties, and nothing of a polluted `Object.prototype`. */
export function ownProperties<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options);
}

export function ownVariable(env: Readonly<Record<string, string | undefined>>, name: string) {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}
