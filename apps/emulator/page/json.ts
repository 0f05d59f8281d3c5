/** A field of something that should be an object, where it is a text; null where not. */
export function textIn(value: unknown, name: string): string | null {
  if (typeof value !== "object" || value === null) return null;
  const text: unknown = Reflect.get(value, name);
  return typeof text === "string" ? text : null;
}
