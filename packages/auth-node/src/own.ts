/**
 * The object's own properties and nothing that it inherits: whoever can pollute `Object.prototype` names neither a
 * directory nor a platform here.
 */
export function ownProperties<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options);
}

/** An environment variable's text, without white space around it; `undefined` when it is not set. */
export function ownVariable(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined {
  return Object.hasOwn(env, name) ? env[name]?.trim() : undefined;
}
