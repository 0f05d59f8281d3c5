import { setMaxListeners } from "node:events";
import type { AddressInfo } from "node:net";
import { isAbsolute } from "node:path";
import type { Platform } from "./app.ts";
import { contracts, WORKSPACE_ID } from "./contract.ts";
import { Feed } from "./dashboard/feed.ts";
import type { DelegationRow } from "./delegations.ts";
import { createEventHub, type EmulatorEvent } from "./events.ts";
import { createExtras } from "./extras.ts";
import { createFaults, type Fault, type FaultScope } from "./faults.ts";
import { BearerGate } from "./guards/bearer.ts";
import { checkOptions, type EmulatorOptions } from "./options.ts";
import { createProvisioner } from "./provisioner.ts";
import { type RecordedRequest, Recorder } from "./recorder.ts";
import { createRedactor } from "./redact.ts";
import { buildServer } from "./server.ts";
import { PlatformState } from "./state.ts";
import { viewAll, type WorkspaceView } from "./view.ts";

/** How a token is rotated. */
export interface RotateOptions {
  /** A file to write the new token into, in place, as the platform's provisioner does. */
  file?: string;
  /** How long after the rotation the file is written, in real ms. Default 0. */
  delayMs?: number;
  /** The mode that the file is given then, such as `0o644`. Default: it keeps the one it has. */
  mode?: number;
}

/** A running platform, and the ways to make it misbehave. */
export interface Emulator {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Stops listening, ends all connections (also hanging ones), and writes token files still waiting. */
  close(): Promise<void>;
  /**
   * Revokes all live tokens and issues a new one, which it gives at once; a file is written afterwards. An
   * unknown id is provisioned.
   */
  rotate(id: string, options?: RotateOptions): Promise<string>;
  /**
   * Says which file the agent reads its token from, so that a rotation on the dashboard can write it. A file
   * that a rotation was told is known by itself. Throws a `RangeError` for a path that is not absolute.
   */
  knowTokenFile(id: string, file: string): void;
  /** Mints a token beside those that are live. An unknown id is provisioned. */
  issue(id: string): string;
  /** Revokes all live tokens. */
  revoke(id: string): void;
  /** Removes the workspace for good. Throws a `RangeError` when there is none. */
  remove(id: string): void;
  /** Forgets all workspaces and tokens, as if the database had been reset. */
  reset(): void;
  /** Starts an outage, or ends it with null. Throws a `RangeError` that names what does not fit. */
  outage(fault: Fault | null, scope?: FaultScope): void;
  /** Delays every answer, in real ms. 0 ends it. */
  latency(ms: number): void;
  /** Merges fields into the next 200 to a registry request of this workspace. */
  nextResponseExtras(id: string, extras: Readonly<Record<string, unknown>>): void;
  /** Issues a token nobody asked for and delivers it in the next answer to a heartbeat. */
  pushToken(id: string): string;
  /** Adds a delegation row; what it leaves out is filled in. */
  addDelegation(id: string, row: Partial<DelegationRow>): void;
  /** Every workspace as it is now. */
  workspaces(): WorkspaceView[];
  /** The newest 10,000 requests to the platform (fewer when they are large), oldest first, without secrets. A copy at each access. */
  readonly requests: readonly RecordedRequest[];
  /** Hears what happens from now on; gives the way to stop. */
  subscribe(listener: (event: EmulatorEvent) => void): () => void;
}

/**
 * Starts the platform on this machine.
 *
 * @throws {RangeError} naming the option that does not fit.
 * @example
 * const emulator = await startEmulator();
 * process.env.PLATFORM_URL = emulator.url;
 * // … register and beat, then see the agent get over a rotation:
 * await emulator.rotate("my-agent", { file: "/configs/.auth_token", delayMs: 500 });
 * await emulator.close();
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  checkOptions(options);
  const { platform, subscribe } = createPlatform(options);
  const { state, faults, extras, provisioner, recorder } = platform;
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const app = await buildServer(platform, closing.signal);
  await app.listen({ host: "127.0.0.1", port: options.port ?? 0 });
  const { port } = app.server.address() as AddressInfo;

  // A platform that is down also drops the connections that clients hold open to it.
  subscribe((event) => {
    if (event.type === "outage" && event.fault?.kind === "refuse") app.server.closeIdleConnections();
  });

  const known = (id: string): string => {
    if (WORKSPACE_ID.test(id)) return id;
    throw new RangeError("id: 1 to 128 of a-z, 0-9 and -, not starting with -");
  };

  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      closing.abort();
      await Promise.all([app.close(), provisioner.flush()]);
    },
    async rotate(id, { file, delayMs = 0, mode } = {}) {
      const token = state.rotate(known(id));
      if (file !== undefined) {
        platform.tokenFiles.set(id, file);
        provisioner.schedule(id, token, { file, delayMs, mode });
      }
      return token;
    },
    knowTokenFile(id, file) {
      if (!isAbsolute(file)) throw new RangeError("file: an absolute path");
      platform.tokenFiles.set(known(id), file);
      platform.feed.changed(id);
    },
    issue: (id) => state.issue(known(id)),
    revoke: (id) => state.revokeAll(id),
    remove: (id) => state.remove(id),
    reset: () => state.reset(),
    outage: (fault, scope) => faults.set(fault, scope),
    latency: (ms) => faults.setLatency(ms),
    nextResponseExtras: (id, more) => extras.next(id, more),
    pushToken(id) {
      const token = state.issue(known(id));
      extras.pushToken(id, token);
      return token;
    },
    addDelegation: (id, row) => state.delegations.add(id, row, platform.clock.now()),
    workspaces: () => viewAll(state, platform.redact),
    get requests() {
      return recorder.all();
    },
    subscribe,
  };
}

function createPlatform(options: EmulatorOptions) {
  const clock = options.clock ?? { now: () => Date.now() };
  const contract = contracts[options.contract ?? "v2"];
  const { emit, subscribe } = createEventHub(() => clock.now());
  const state = new PlatformState({ clock, contract, emit });
  const redact = createRedactor((hash) => state.tokens.knows(hash));
  const faults = createFaults(emit);
  const tokenFiles = new Map<string, string>();
  const feed = new Feed({ contract, clock, state, faults, redact, tokenFiles });
  subscribe((event) => feed.heard(event));
  const platform: Platform = {
    contract,
    clock,
    emit,
    state,
    redact,
    faults,
    extras: createExtras(),
    recorder: new Recorder(redact),
    provisioner: createProvisioner(emit),
    gate: new BearerGate({ state, emit, redact, strict: options.strict ?? false }),
    feed,
    tokenFiles,
    orgId: options.orgId,
    allowedOrigins: options.allowedOrigins ?? [],
    rateLimit: options.rateLimit ?? { max: 600, windowMs: 60_000 },
  };
  return { platform, subscribe };
}
