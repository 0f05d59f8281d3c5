import { createAuth, memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { createPlatformClients, type Transport } from "@x/platform-client";
import { systemClock } from "../../src/clock.ts";
import type { WorkspaceRef } from "../../src/storage/workspace-store.ts";
import { connectPlainly } from "../../src/transport/plain-connection.ts";
import { readProxies } from "../../src/transport/proxies.ts";
import type { RotationResult } from "../../src/workspace/rotation/result.ts";
import { rotateToken } from "../../src/workspace/rotation/rotation.ts";
import type { RotationOptions } from "../../src/workspace/rotation/rotation-options.ts";
import type { ModelPlatform } from "./model-platform.ts";

/** The disk of a process. */
export interface RotationDisk {
  readonly token: TokenStorage;
  readonly spill: TokenStorage;
  readonly rotation: TokenStorage;
}

export const rotationDisk = (token?: string): RotationDisk => ({
  token: memoryTokenStorage(token),
  spill: memoryTokenStorage(),
  rotation: memoryTokenStorage(),
});

/** Where a process is killed: at its nth access to the disk or the platform, before or after it takes effect. */
export interface Kill {
  readonly at: number;
  readonly when: "before" | "after";
}

export interface RunOptions {
  /** @default none: it runs to its end */
  readonly kill?: Kill | null;
  readonly revokeOthers?: boolean;
  /** The token in the environment variable. */
  readonly fallback?: string | null;
}

export interface Run {
  /** `null` if it was killed. */
  readonly result: RotationResult | null;
  readonly accesses: number;
}

/** One run of a rotation, in a process that may be killed. */
export async function runRotation(
  platform: ModelPlatform,
  disk: RotationDisk,
  { kill = null, revokeOthers = false, fallback = null }: RunOptions = {},
): Promise<Run> {
  const process = new Process(kill);
  const clock = systemClock(1_000);
  const connection = await connectPlainly(platform.url, clock, readProxies({}));
  const transport: Transport = { request: (request) => process.access(() => connection.request(request)) };
  const ref: WorkspaceRef = { platformOrigin: platform.url, workspaceId: platform.workspaceId };
  const [token, spill, rotation] = [disk.token, disk.spill, disk.rotation].map((each) => process.watch(each));
  if (token === undefined || spill === undefined || rotation === undefined) throw new Error("unreachable");
  const source = { location: "MOLECULE_WORKSPACE_TOKEN", read: () => fallback };
  const options: RotationOptions = {
    ref,
    platformUrl: platform.url,
    env: {},
    auth: createAuth({ storage: token, platformUrl: platform.url, fallback: [source] }),
    store: {
      token: () => token,
      spill: () => spill,
      rotation: () => rotation,
      inboundSecret: () => memoryTokenStorage(),
    },
    fallbacks: [source],
    card: { name: "x" },
    createClient: createPlatformClients({
      platformUrl: platform.url,
      transport,
      clock,
      timeoutMs: 2_000_000,
    }),
    clock,
    signal: new AbortController().signal,
    revokeOthers,
  };
  try {
    const result = await rotateToken(options);
    return { result: process.isDead ? null : result, accesses: process.accesses };
  } catch (error) {
    if (!process.isDead) throw error;
    return { result: null, accesses: process.accesses };
  } finally {
    await connection.close();
  }
}

class Process {
  accesses = 0;
  isDead = false;
  readonly #kill: Kill | null;

  constructor(kill: Kill | null) {
    this.#kill = kill;
  }

  async access<T>(work: () => T | Promise<T>): Promise<T> {
    this.accesses += 1;
    const isKilled = this.accesses === this.#kill?.at;
    if (isKilled && this.#kill?.when === "before") this.isDead = true;
    if (this.isDead) throw new Error("killed");
    const value = await work();
    if (isKilled) this.isDead = true;
    if (this.isDead) throw new Error("killed");
    return value;
  }

  watch(storage: TokenStorage): TokenStorage {
    return {
      location: storage.location,
      read: (options) => this.access(() => storage.read(options)),
      write: (text, options) => this.access(() => storage.write(text, options)),
      replace: (expected, text, options) =>
        this.access(() => storage.replace?.(expected, text, options) ?? false),
      remove: (options) => this.access(() => storage.remove?.(options)),
      probe: (options) => this.access(() => storage.probe?.(options)),
    };
  }
}
