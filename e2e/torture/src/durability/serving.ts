import { type Contestant, writerOf } from "../contestants.ts";
import { type Child, type ChildOptions, start } from "../lab/child.ts";
import type { Lab } from "../lab/lab.ts";

/** A writer that saves when it is asked to, maybe as another user. */
export async function startServing(
  lab: Lab,
  contestant: Contestant,
  { uid, ...options }: ChildOptions & { uid?: number | undefined } = {},
): Promise<Child> {
  const user = uid === undefined ? [] : ["--uid", String(uid)];
  const writer = start(lab, [...writerOf(contestant), "serve", ...user], options);
  await writer.line();
  return writer;
}
