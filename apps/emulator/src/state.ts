import { ActivityLog } from "./activity.ts";
import type { Clock, Contract } from "./contract.ts";
import type { Emit } from "./events.ts";
import { MAX_LIVE_TOKENS } from "./limits.ts";
import { type TokenKind, type TokenRecord, TokenStore } from "./tokens.ts";
import {
  afterHeartbeat,
  type Created,
  type Heartbeat,
  paused,
  provisioned,
  type Registration,
  registered,
  removed,
  type Workspace,
  withCard,
} from "./workspace.ts";
import { WorkspaceStore } from "./workspace-store.ts";

interface StateOptions {
  readonly clock: Clock;
  readonly contract: Contract;
  readonly emit: Emit;
  /** Called with each token, to redact it from then on. */
  readonly onIssued: (token: string) => void;
}

/**
 * The platform's memory: workspaces, tokens, activity. The rules are the pure functions of `workspace.ts` and
 * `liveness.ts`; this class stores their results and emits events. Nothing here runs on a timer: a time-dependent
 * status is updated by the next read, so that a heartbeat costs the same with one workspace as with ten thousand.
 */
export class PlatformState extends WorkspaceStore {
  readonly tokens: TokenStore;
  readonly activity: ActivityLog;
  readonly #clock: Clock;
  readonly #contract: Contract;
  readonly #emit: Emit;

  constructor(options: StateOptions) {
    super(options);
    this.#clock = options.clock;
    this.#contract = options.contract;
    this.#emit = options.emit;
    this.tokens = new TokenStore(options.clock, options.onIssued);
    this.activity = new ActivityLog((count) => this.#emit({ type: "activity-dropped", count }));
  }

  /** The fields of a workspace created by an operator. */
  create(id: string, created: Created): void {
    this.keep(provisioned(id, this.#clock.now(), created));
    this.#emit({ type: "created", workspaceId: id });
  }

  /** An upsert that revives everything but a removed workspace; issues a token only if the registry is unprotected. */
  register(id: string, registration: Registration): { workspace: Workspace; token: string | null } {
    const now = this.#clock.now();
    const before = this.get(id);
    const workspace = this.keep(
      registered(before ?? provisioned(id, now), registration, now, this.#contract),
      before,
    );
    const token = this.isClosed(id) ? null : this.#mint(id, "instance").token;
    this.#emit({
      type: "registered",
      workspaceId: id,
      status: workspace.status,
      tokenIssued: token !== null,
    });
    return { workspace, token };
  }

  /** Whether the registry requires one of this workspace's live tokens. */
  isClosed(id: string): boolean {
    return this.#contract.tokenKinds ? this.tokens.hasLiveInstance(id) : this.tokens.live(id).length > 0;
  }

  /** Records that an authenticated workspace failed to register. */
  registerFailed(id: string): void {
    const before = this.last(id);
    if (before) this.set({ ...before, registerFailedAt: this.#clock.now() });
  }

  /** A heartbeat; for an unknown or removed id it changes nothing. */
  heartbeat(id: string, heartbeat: Heartbeat): void {
    const before = this.get(id);
    const after = before && this.keep(afterHeartbeat(before, heartbeat, this.#clock.now(), this.#contract));
    this.#emit({ type: "heartbeat", workspaceId: id, status: after?.status ?? null });
  }

  /** Replaces the agent card, if the workspace is known. */
  updateCard(id: string, agentCard: unknown): void {
    const before = this.get(id);
    if (!before) return;
    this.keep(withCard(before, agentCard, this.#clock.now()));
    this.#emit({ type: "card-updated", workspaceId: id });
  }

  /** Pauses a workspace. */
  pause(id: string): void {
    const before = this.get(id);
    if (before) this.keep(paused(before, this.#clock.now()), before);
  }

  /** Whether a token's hash grants access to this workspace. Nothing grants access to a removed one. */
  accepts(id: string, presented: Buffer): boolean {
    return this.get(id)?.status !== "removed" && this.tokens.verify(id, presented);
  }

  /** The workspace to which a token's hash grants access, or null. */
  openedBy(presented: Buffer): string | null {
    const id = this.tokens.workspaceOf(presented);
    return id !== undefined && this.accepts(id, presented) ? id : null;
  }

  /** Issues a token in addition to the live ones, as a provisioner does; an unknown id is provisioned. */
  issue(id: string, kind: TokenKind = "instance"): string {
    const { token, record } = this.#mint(id, kind);
    this.#emit({ type: "issued", workspaceId: id, tokenPrefix: record.prefix });
    return token;
  }

  /** Revokes every live token (or those of one kind), then issues another one. */
  rotate(id: string, revoked?: TokenKind): string {
    this.tokens.revokeAll(id, revoked);
    const { token, record } = this.#mint(id, "instance");
    this.#emit({ type: "rotated", workspaceId: id, tokenPrefix: record.prefix });
    return token;
  }

  /** Revokes every live token of a workspace. */
  revokeAll(id: string): void {
    this.#emit({ type: "revoked", workspaceId: id, count: this.tokens.revokeAll(id) });
  }

  /** Revokes one token; false if there is no such live token. */
  revoke(id: string, tokenId: string): boolean {
    const revoked = this.tokens.revoke(id, tokenId);
    if (revoked) this.#emit({ type: "revoked", workspaceId: id, count: 1 });
    return revoked;
  }

  /** Removes a workspace and revokes its tokens. Throws a `RangeError` for an unknown id. */
  remove(id: string): void {
    const before = this.get(id);
    if (!before) throw new RangeError(`there is no workspace "${id}" to remove`);
    this.tokens.revokeAll(id);
    this.set(removed(before, this.#clock.now()));
    this.#emit({ type: "removed", workspaceId: id });
  }

  /** Deletes everything, like a database reset. */
  reset(): void {
    this.forgetAll();
    this.tokens.clear();
    this.activity.clear();
    this.#emit({ type: "reset" });
  }

  protected evicted(id: string): void {
    this.tokens.forget(id);
    this.activity.forget(id);
  }

  #mint(id: string, kind: TokenKind): { token: string; record: TokenRecord } {
    if (!this.has(id)) this.set(provisioned(id, this.#clock.now()));
    const [oldest] = this.tokens.live(id);
    if (oldest && this.tokens.live(id).length >= MAX_LIVE_TOKENS) this.revoke(id, oldest.id);
    return this.tokens.issue(id, kind);
  }
}
