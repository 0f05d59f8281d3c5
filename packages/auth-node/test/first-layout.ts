import fs from "node:fs";
import { join } from "node:path";
import type { FileStorageEvent } from "../src/file/events.ts";
import type { FileSystem } from "../src/file/file-system.ts";
import { fileTokenStorage } from "../src/file/file-token-storage.ts";
import { migrateFirstLayout } from "../src/file/migrate-first-layout.ts";
import { poolFileSystem } from "../src/file/pool-file-system.ts";
import { OLD, temporaryDirectory } from "./token-directory.ts";

export const A = "https://a.example";
export const B = "https://b.example";
export const SECRET = "inbound-s3cr3t-0123456789abcdefghij";

/** A configs directory in the first layout, with one workspace. */
export function firstLayout() {
  const root = temporaryDirectory();
  const from = join(root, "workspaces", "agent-7");
  fs.mkdirSync(from, { recursive: true, mode: 0o700 });
  fs.writeFileSync(join(from, ".auth_token"), OLD, { mode: 0o600 });
  fs.writeFileSync(join(from, ".platform_inbound_secret"), SECRET, { mode: 0o600 });
  return { root, from };
}

export const toOf = (root: string, platform: string) =>
  join(root, "workspaces", `https_${new URL(platform).hostname}_443`, "agent-7");

interface Options {
  readonly io?: FileSystem;
  readonly events?: FileStorageEvent[];
  readonly fileName?: string;
}

/** As a starting runner does: migrates the directory, then reads. */
export async function start(root: string, platformUrl: string, { io, events, fileName }: Options = {}) {
  const where = await migrateFirstLayout({
    configsDir: root,
    workspaceId: "agent-7",
    platformUrl,
    onEvent: (event) => void events?.push(event),
    ...(io && { io }),
  });
  const storage = fileTokenStorage({
    ...where,
    platformUrl,
    ...(io && { io }),
    ...(fileName && { fileName }),
  });
  return { where, token: await storage.read() };
}

/** A directory that cannot be renamed, like a mount. */
export const mounted: Partial<FileSystem> = {
  async rename(from, to) {
    if (fs.statSync(from).isDirectory()) throw Object.assign(new Error("EBUSY"), { code: "EBUSY" });
    await poolFileSystem.rename(from, to);
  },
};
