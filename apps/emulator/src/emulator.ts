import { createHmac, randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { AddressInfo } from "node:net";
import type { Platform } from "./app.ts";
import { advancing, contracts } from "./contract.ts";
import { Feed } from "./dashboard/feed.ts";
import { type DelegationRow, scriptedDelegation } from "./delegations.ts";
import { createEventHub, type EmulatorEvent } from "./events.ts";
import { createExtras } from "./extras.ts";
import { createFaults, type Fault, type FaultScope } from "./faults.ts";
import { AuthGuard } from "./guards/auth.ts";
import { checkOptions, DEFAULT_ADMIN_TOKEN, type EmulatorOptions } from "./options.ts";
import type { RecordedRequest } from "./recorded-request.ts";
import { Recorder } from "./recorder.ts";
import { createRedaction } from "./redact.ts";
import { buildServer } from "./server.ts";
import { PlatformState } from "./state.ts";
import { parseUuid } from "./uuid.ts";
import { viewAll, type WorkspaceView } from "./view.ts";

/** A running platform, with methods to make it misbehave. */
export interface Emulator {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** The operator's bearer token, from the option `adminToken`. */
  readonly adminToken: string;
  /** Stops listening and closes all connections, including hanging ones. */
  stop(): Promise<void>;
  /** `stop()`. */
  close(): Promise<void>;
  /** `stop()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
  /**
   * Revokes all live tokens, then issues a new one and returns it; delivering it is up to the caller. An unknown id is
   * provisioned. Throws a `RangeError` if the id is not a UUID.
   */
  rotate(id: string): string;
  /**
   * Creates a workspace as an operator does, but with a given id, and returns its token. It is external, polls, and
   * awaits its agent.
   */
  create(id: string, options?: { readonly name?: string; readonly parentId?: string }): string;
  /** Issues a token in addition to the live ones. An unknown id is provisioned. */
  issue(id: string): string;
  /** Revokes all live tokens. */
  revoke(id: string): void;
  /** Removes the workspace for good. Throws a `RangeError` if it does not exist. */
  remove(id: string): void;
  /** Deletes all workspaces and tokens, like a database reset. */
  reset(): void;
  /** Advances the platform's clock, in ms: liveness, rate limit, timestamps. */
  advance(ms: number): void;
  /** Starts an outage, or ends it with null. Throws a `RangeError` that names the invalid field. */
  outage(fault: Fault | null, scope?: FaultScope): void;
  /** Delays every answer, in real ms. 0 removes the delay. */
  latency(ms: number): void;
  /** Merges fields into the next 200 to a registry request of this workspace. */
  nextResponseExtras(id: string, extras: Readonly<Record<string, unknown>>): void;
  /** Issues an unsolicited token and delivers it in the next answer to a heartbeat. */
  pushToken(id: string): string;
  /** Adds a delegation row; missing fields are filled in. */
  addDelegation(id: string, row: Partial<DelegationRow>): void;
  /** The current state of every workspace. */
  workspaces(): WorkspaceView[];
  /** The newest 10,000 requests to the platform (fewer if large), oldest first, without secrets. Copied on access. */
  readonly requests: readonly RecordedRequest[];
  /** Calls the listener with every later event. @returns the unsubscribe function */
  subscribe(listener: (event: EmulatorEvent) => void): () => void;
}

/**
 * Starts the platform on this machine.
 *
 * @throws {RangeError} naming the invalid option.
 * @example
 * await using emulator = await startEmulator();
 * process.env.PLATFORM_URL = emulator.url;
 * // … the agent registers and sends heartbeats; then rotate its token:
 * await writeFile("/configs/.auth_token", emulator.rotate("3f2b7a52-9a3c-4f7e-9d55-0a1c2b3d4e5f"));
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

  // During a `refuse` outage, idle connections of clients are closed too.
  subscribe((event) => {
    if (event.type === "outage" && event.fault?.kind === "refuse") app.server.closeIdleConnections();
  });

  const stop = async () => {
    closing.abort();
    await app.close();
  };

  const known = (id: string): string => {
    const uuid = parseUuid(id);
    if (uuid !== null) return uuid;
    throw new RangeError(`id: must be a UUID, not ${JSON.stringify(id)}`);
  };

  return {
    url: `http://127.0.0.1:${port}`,
    adminToken: options.adminToken ?? DEFAULT_ADMIN_TOKEN,
    stop,
    close: stop,
    [Symbol.asyncDispose]: stop,
    create(id, { name = id, parentId } = {}) {
      state.create(known(id), {
        name,
        role: null,
        tier: 3,
        runtime: "external",
        parentId: parentId === undefined ? null : known(parentId),
        deliveryMode: "poll",
        url: "",
        status: "awaiting_agent",
      });
      return state.issue(known(id));
    },
    rotate: (id) => state.rotate(known(id)),
    issue: (id) => state.issue(known(id)),
    revoke: (id) => state.revokeAll(id),
    remove: (id) => state.remove(id),
    reset: () => state.reset(),
    advance: (ms) => platform.clock.advance(ms),
    outage: (fault, scope) => faults.set(fault, scope),
    latency: (ms) => faults.setLatency(ms),
    nextResponseExtras: (id, more) => extras.next(id, more),
    pushToken(id) {
      const token = state.issue(known(id));
      extras.pushToken(id, token);
      return token;
    },
    addDelegation: (id, row) => {
      state.activity.add(scriptedDelegation(known(id), row), platform.clock.now());
    },
    workspaces: () => viewAll(state, platform.redact),
    get requests() {
      return recorder.all();
    },
    subscribe,
  };
}

function createPlatform(options: EmulatorOptions) {
  const clock = advancing(options.clock ?? { now: () => Date.now() });
  const secretKey = randomBytes(32);
  const contract = contracts[options.contract ?? "v2"];
  const { emit, subscribe } = createEventHub(() => clock.now());
  const { redact, hide } = createRedaction((hash) => state.tokens.knows(hash));
  const state = new PlatformState({ clock, contract, emit, onIssued: hide });
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
    authGuard: new AuthGuard({
      state,
      emit,
      redact,
      strict: options.strict ?? false,
      adminToken: options.adminToken ?? DEFAULT_ADMIN_TOKEN,
    }),
    inboundSecretOf: (id) => createHmac("sha256", secretKey).update(id).digest("base64url"),
    apiTokensSurvive: options.apiTokensSurvive ?? false,
    feed,
    orgId: options.orgId,
    allowedOrigins: options.allowedOrigins ?? [],
    allowedHosts: options.allowedHosts ?? [],
    rateLimit: options.rateLimit ?? { max: 600, windowMs: 60_000 },
  };
  return { platform, subscribe };
}
