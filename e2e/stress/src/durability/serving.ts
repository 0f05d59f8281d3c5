import { type Child, type ChildOptions, start } from "../fixtures/child.ts";
import type { Fixtures } from "../fixtures/fixtures.ts";
import { type Implementation, writerOf } from "../implementations.ts";

/** A writer that saves on request, optionally as another user. */
export async function startServing(
  fixtures: Fixtures,
  implementation: Implementation,
  { uid, ...options }: ChildOptions & { uid?: number | undefined } = {},
): Promise<Child> {
  const user = uid === undefined ? [] : ["--uid", String(uid)];
  const writer = start(fixtures, [...writerOf(implementation), "serve", ...user], options);
  await writer.line();
  return writer;
}
