/** An object's field, if it is a string; otherwise null. */
export function textIn(value: unknown, name: string): string | null {
  if (typeof value !== "object" || value === null) return null;
  const text: unknown = Reflect.get(value, name);
  return typeof text === "string" ? text : null;
}
