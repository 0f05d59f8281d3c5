import { setMaxListeners } from "node:events";
import type { AddressInfo } from "node:net";
import type { Platform } from "./app.ts";
import { contracts, WORKSPACE_ID } from "./contract.ts";
import { Feed } from "./dashboard/feed.ts";
import type { DelegationRow } from "./delegations.ts";
import { createEventHub, type EmulatorEvent } from "./events.ts";
import { createExtras } from "./extras.ts";
import { createFaults, type Fault, type FaultScope } from "./faults.ts";
import { AuthGuard } from "./guards/auth.ts";
import { checkOptions, type EmulatorOptions } from "./options.ts";
import { type RecordedRequest, Recorder } from "./recorder.ts";
import { createRedactor } from "./redact.ts";
import { buildServer } from "./server.ts";
import { PlatformState } from "./state.ts";
import { viewAll, type WorkspaceView } from "./view.ts";

/** A running platform, and the ways to make it misbehave. */
export interface Emulator {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Stops listening and ends all connections, also hanging ones. */
  close(): Promise<void>;
  /**
   * Revokes all live tokens, then issues a new one and returns it; delivering it is the caller's business. An
   * unknown id is provisioned. Throws a `RangeError` for what is no workspace id.
   */
  rotate(id: string): string;
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
  /** Issues a token that was not asked for and delivers it in the next answer to a heartbeat. */
  pushToken(id: string): string;
  /** Adds a delegation row; what it leaves out is filled in. */
  addDelegation(id: string, row: Partial<DelegationRow>): void;
  /** Every workspace as it is now. */
  workspaces(): WorkspaceView[];
  /** The newest 10,000 requests to the platform (fewer when they are large), oldest first, without secrets. A copy at each access. */
  readonly requests: readonly RecordedRequest[];
  /** Calls the listener with every event from now on; returns the unsubscribe function. */
  subscribe(listener: (event: EmulatorEvent) => void): () => void;
}

/**
 * Starts the platform on this machine.
 *
 * @throws {RangeError} naming the option that does not fit.
 * @example
 * const emulator = await startEmulator();
 * process.env.PLATFORM_URL = emulator.url;
 * // … the agent registers and sends heartbeats; then rotate its token:
 * await writeFile("/configs/.auth_token", emulator.rotate("my-agent"));
 * await emulator.close();
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  checkOptions(options);
  const { platform, subscribe } = createPlatform(options);
  const { state, faults, extras, recorder } = platform;
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
      await app.close();
    },
    rotate: (id) => state.rotate(known(id)),
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
  const feed = new Feed({ contract, clock, state, faults, redact });
  subscribe((event) => feed.record(event));
  const platform: Platform = {
    contract,
    clock,
    emit,
    state,
    redact,
    faults,
    extras: createExtras(),
    recorder: new Recorder(redact),
    authGuard: new AuthGuard({ state, emit, redact, strict: options.strict ?? false }),
    feed,
    orgId: options.orgId,
    allowedOrigins: options.allowedOrigins ?? [],
    allowedHosts: options.allowedHosts ?? [],
    rateLimit: options.rateLimit ?? { max: 600, windowMs: 60_000 },
  };
  return { platform, subscribe };
}
