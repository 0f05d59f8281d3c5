/**
 * An object's own properties: a polluted `Object.prototype` must not be able to name a directory or a platform.
 */
export function ownProperties<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options);
}

/** An environment variable's trimmed text; `undefined` if it is not set. */
export function ownVariable(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined {
  return Object.hasOwn(env, name) ? env[name]?.trim() : undefined;
}
