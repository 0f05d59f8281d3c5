import { type Emulator, workspaceId } from "@x/emulator";
import type { ActivityRow, PlatformResult } from "@x/platform-client";
import { askAs, clientOf } from "../test/support/clients.ts";

/** Maximum number of concurrent requests. */
const PARALLEL = 16;

/** A workspace of the run, with its token. */
export interface Member {
  readonly id: string;
  readonly token: string;
}

/** Number of siblings, which may all write to each other. */
export function createSiblings(emulator: Emulator, count: number): Member[] {
  const parentId = workspaceId("parent");
  emulator.create(parentId);
  return Array.from({ length: count }, (_, index) => {
    const id = workspaceId(`member-${index}`);
    return { id, token: emulator.create(id, { parentId }) };
  });
}

/** A message from a user (`from` is `null`) or a workspace. */
export async function sendMessage(
  emulator: Emulator,
  { to, from, text }: { readonly to: string; readonly from: Member | null; readonly text: string },
): Promise<void> {
  if (from === null) await askAs(emulator, to, text, text);
  else unwrap(await clientOf(emulator, from.id, from.token).sendMessage({ to, text, messageId: text }));
}

/** All that a workspace has received and sent, oldest first. */
export async function feedOf(emulator: Emulator, { id, token }: Member): Promise<ActivityRow[]> {
  const rows = unwrap(await clientOf(emulator, id, token).activity({ type: "a2a_receive", limit: 500 }));
  if (rows.length === 500)
    throw new Error("a feed is longer than a page: send fewer messages to each workspace");
  return [...rows].reverse();
}

function unwrap<T>(result: PlatformResult<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.failure.code}: ${result.failure.message}`);
}

/** @param work does not reject */
export async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
