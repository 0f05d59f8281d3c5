/** Fails with a readable message. Hand-written, because an assertion library would tie the suite to a runtime. */
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
    `${what}: got ${show(actual)}, which was never written`,
  );
}

/** The error that `action` throws or rejects with. Fails if there is none. */
export async function ensureFails(action: () => unknown, what: string): Promise<unknown> {
  let result: unknown;
  try {
    result = await action();
  } catch (error) {
    return error;
  }
  throw new Error(`${what}: expected a failure, got ${show(result)}`);
}

/** Shows a value. The tokens are made up, so they may be shown; long ones are truncated. */
function show(value: unknown): string {
  if (typeof value !== "string") return `${String(value)} (${value === null ? "null" : typeof value})`;
  const text = value.length > 60 ? `${value.slice(0, 30)}…${value.slice(-20)}` : value;
  return `${JSON.stringify(text)} (${value.length} characters)`;
}
