/**
 * An object's own properties: a polluted `Object.prototype` must not be able to name a directory or a platform. `null` counts
 * as left out, as in options that come from JSON.
 */
export function ownProperties<T extends object>(options: T): T {
  const own: T = Object.assign(Object.create(null), options);
  for (const name in own) if (own[name] === null) delete own[name];
  return own;
}

/** An environment variable's trimmed text; `undefined` if it is not set. */
export function ownVariable(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined {
  return Object.hasOwn(env, name) ? env[name]?.trim() : undefined;
}
