import type { Clock, Contract } from "./contract.ts";
import { DelegationLog } from "./delegations.ts";
import type { Emit } from "./events.ts";
import { MAX_WORKSPACES } from "./limits.ts";
import { statusAt } from "./liveness.ts";
import { type TokenRecord, TokenStore } from "./tokens.ts";
import {
  afterHeartbeat,
  type Heartbeat,
  provisioned,
  type Registration,
  registered,
  removed,
  type Workspace,
  withCard,
  withStatus,
} from "./workspace.ts";

/**
 * The platform's memory: workspaces, tokens, delegations. The rules are the pure functions of
 * `workspace.ts` and `liveness.ts`; this keeps what they give and says what happened. Nothing here runs
 * on a timer: a status that time changed is found by the next read, so that a heartbeat costs the same
 * with one workspace as with ten thousand.
 */
export class PlatformState {
  readonly tokens: TokenStore;
  readonly delegations = new DelegationLog();
  readonly #workspaces = new Map<string, Workspace>();
  readonly #clock: Clock;
  readonly #contract: Contract;
  readonly #emit: Emit;

  constructor(options: { clock: Clock; contract: Contract; emit: Emit }) {
    this.#clock = options.clock;
    this.#contract = options.contract;
    this.#emit = options.emit;
    this.tokens = new TokenStore(options.clock);
  }

  /** The workspace as it is now, or undefined when the id is unknown. */
  get(id: string): Workspace | undefined {
    const workspace = this.#workspaces.get(id);
    if (!workspace) return undefined;
    const now = this.#clock.now();
    const status = statusAt(workspace, now);
    return status === workspace.status ? workspace : this.#keep(withStatus(workspace, status, now));
  }

  /** Whether the id is known, without reading its status. */
  has(id: string): boolean {
    return this.#workspaces.has(id);
  }

  /** How many workspaces there are, removed ones among them. */
  get size(): number {
    return this.#workspaces.size;
  }

  /** Every workspace as it is now, in the order they came. */
  all(): Workspace[] {
    return [...this.#workspaces.keys()].flatMap((id) => this.get(id) ?? []);
  }

  /** An upsert that revives everything but a removed workspace; a token only where none is live. */
  register(id: string, registration: Registration): { workspace: Workspace; token: string | null } {
    const now = this.#clock.now();
    const before = this.get(id);
    const workspace = this.#keep(
      registered(before ?? provisioned(id, now), registration, now, this.#contract),
      before,
    );
    const token = this.tokens.live(id).length > 0 ? null : this.tokens.issue(id).token;
    this.#emit({
      type: "registered",
      workspaceId: id,
      status: workspace.status,
      tokenIssued: token !== null,
    });
    return { workspace, token };
  }

  /** A heartbeat; for an unknown or removed id it changes nothing. */
  heartbeat(id: string, heartbeat: Heartbeat): void {
    const before = this.get(id);
    const after = before && this.#keep(afterHeartbeat(before, heartbeat, this.#clock.now(), this.#contract));
    this.#emit({ type: "heartbeat", workspaceId: id, status: after?.status ?? null });
  }

  /** Replaces the agent card, if the workspace is known. */
  updateCard(id: string, agentCard: unknown): void {
    const before = this.get(id);
    if (!before) return;
    this.#keep(withCard(before, agentCard, this.#clock.now()));
    this.#emit({ type: "card-updated", workspaceId: id });
  }

  /** Whether a presented hash opens this workspace. Nothing opens one that was removed. */
  accepts(id: string, presented: Buffer): boolean {
    return this.get(id)?.status !== "removed" && this.tokens.verify(id, presented);
  }

  /** Mints a token beside those that are live, as a provisioner does; an unknown id is provisioned. */
  issue(id: string): string {
    const { token, record } = this.#mint(id);
    this.#emit({ type: "issued", workspaceId: id, tokenPrefix: record.prefix });
    return token;
  }

  /** Revokes every live token first and only then mints another one, as the platform's rotation does. */
  rotate(id: string): string {
    this.tokens.revokeAll(id);
    const { token, record } = this.#mint(id);
    this.#emit({ type: "rotated", workspaceId: id, tokenPrefix: record.prefix });
    return token;
  }

  /** Revokes every live token of a workspace. */
  revokeAll(id: string): void {
    this.#emit({ type: "revoked", workspaceId: id, count: this.tokens.revokeAll(id) });
  }

  /** Revokes one token; false when there is no such live token. */
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
    this.#workspaces.set(id, removed(before, this.#clock.now()));
    this.#emit({ type: "removed", workspaceId: id });
  }

  /** Forgets everything, as a database that was reset does. */
  reset(): void {
    this.#workspaces.clear();
    this.tokens.clear();
    this.delegations.clear();
    this.#emit({ type: "reset" });
  }

  #mint(id: string): { token: string; record: TokenRecord } {
    if (!this.#workspaces.has(id)) this.#set(provisioned(id, this.#clock.now()));
    return this.tokens.issue(id);
  }

  #set(workspace: Workspace): void {
    if (this.#workspaces.size >= MAX_WORKSPACES && !this.#workspaces.has(workspace.id)) this.#evictOldest();
    this.#workspaces.set(workspace.id, workspace);
  }

  #evictOldest(): void {
    const [id] = this.#workspaces.keys();
    if (id === undefined) return;
    this.#workspaces.delete(id);
    this.tokens.forget(id);
    this.delegations.forget(id);
    this.#emit({ type: "evicted", workspaceId: id });
  }

  #keep(after: Workspace, before = this.#workspaces.get(after.id)): Workspace {
    this.#set(after);
    const { status } = after;
    if (status !== before?.status && status !== "removed" && status !== "provisioning") {
      this.#emit({ type: status, workspaceId: after.id, from: before?.status ?? null });
    }
    return after;
  }
}
