import { expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "../../test/support/directory.ts";
import { createFileStore } from "../storage/file-store.ts";
import { refKey } from "../storage/workspace-store.ts";
import { SpilledToken } from "./spilled-token.ts";

const ref = { platformOrigin: "https://platform.example", workspaceId: "workspace" };
const tokens = ["one", "two", "three", "four"].map((name) => `token-${name}-that-is-issued-once`);

/** The runner's disk; `SpilledToken`s on it may be used at the same time. */
function disk() {
  const files = createFileStore({ configsDir: temporaryDirectory(), env: {}, layout: "list", onEvent() {} });
  onTestFinished(async () => void (await files.close()));
  const store = { spill: files.spill, spillBasis: files.replacedBySpilled };
  return { files, spilled: () => new SpilledToken(store, ref) };
}

it.each([0, 1, 2, 3, 4])(
  "keeps a token and its record that are written while an older one is dropped, %i steps later",
  async (steps) => {
    const { files, spilled } = disk();
    const [bearer = "", older = "", newer = ""] = tokens;
    await spilled().write(older, bearer);
    const written = spilled().write(newer, older);
    for (let step = 0; step < steps; step += 1) await files.spill(ref).read();
    await Promise.all([written, spilled().drop(older)]);
    expect(await spilled().read()).toMatchObject({ token: newer, sentWith: older });
  },
);

it("leaves nothing behind", async () => {
  const { files, spilled } = disk();
  const [bearer = "", token = ""] = tokens;
  await spilled().write(token, bearer);
  expect(await files.spilled()).toEqual(new Set([refKey(ref)]));
  await spilled().drop(token);
  expect(await files.spilled()).toEqual(new Set());
  expect(await files.replacedBySpilled(ref).read()).toBeNull();
});
