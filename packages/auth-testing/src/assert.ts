/** Fails with the words for people. Own, because an assertion library would tie the suite to a runtime. */
export function ensure(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

/** `actual` is exactly `expected`: the same type, the same text. */
export function ensureSame(actual: unknown, expected: string | null, what: string): void {
  ensure(actual === expected, `${what}: expected ${show(expected)}, got ${show(actual)}`);
}

/** `actual` is one of `expected`. */
export function ensureOneOf(actual: unknown, expected: readonly string[], what: string): void {
  ensure(
    typeof actual === "string" && expected.includes(actual),
    `${what}: got ${show(actual)}, which nobody wrote`,
  );
}

/** What `action` failed with, be it thrown or rejected. That it does not fail is a failure. */
export async function ensureFails(action: () => unknown, what: string): Promise<unknown> {
  let result: unknown;
  try {
    result = await action();
  } catch (error) {
    return error;
  }
  throw new Error(`${what}: expected a failure, got ${show(result)}`);
}

/** The tokens here are made up, so they may be shown; only their length is kept at bay. */
function show(value: unknown): string {
  if (typeof value !== "string") return `${String(value)} (${value === null ? "null" : typeof value})`;
  const text = value.length > 60 ? `${value.slice(0, 30)}…${value.slice(-20)}` : value;
  return `${JSON.stringify(text)} (${value.length} characters)`;
}
