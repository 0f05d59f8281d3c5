import type { Clock, Contract } from "./contract.ts";
import type { Emit } from "./events.ts";
import { bytesOf, MAX_CARD_BYTES, MAX_WORKSPACES } from "./limits.ts";
import { statusAt } from "./liveness.ts";
import { type Workspace, withStatus } from "./workspace.ts";

interface StoreOptions {
  readonly clock: Clock;
  readonly contract: Contract;
  readonly emit: Emit;
}

/** The workspaces by id, with their time-dependent status. Bounded: new workspaces evict the oldest. */
export abstract class WorkspaceStore {
  readonly #workspaces = new Map<string, Workspace>();
  readonly #children = new Map<string, Set<string>>();
  readonly #clock: Clock;
  readonly #contract: Contract;
  readonly #emit: Emit;
  #cardBytes = 0;

  constructor(options: StoreOptions) {
    this.#clock = options.clock;
    this.#contract = options.contract;
    this.#emit = options.emit;
  }

  /** The workspace's current state, or undefined if the id is unknown. */
  get(id: string): Workspace | undefined {
    const workspace = this.#workspaces.get(id);
    if (!workspace) return undefined;
    const now = this.#clock.now();
    const status = statusAt(workspace, now, this.#contract);
    return status === workspace.status ? workspace : this.keep(withStatus(workspace, status, now));
  }

  /** Whether the id is known, without updating its status. */
  has(id: string): boolean {
    return this.#workspaces.has(id);
  }

  /** The number of workspaces, including removed ones. */
  get size(): number {
    return this.#workspaces.size;
  }

  /** The current state of every workspace, in order of creation. */
  all(): Workspace[] {
    return [...this.#workspaces.keys()].flatMap((id) => this.get(id) ?? []);
  }

  /** The workspaces with this parent, except removed ones. */
  childrenOf(id: string): Workspace[] {
    const children = [...(this.#children.get(id) ?? [])].flatMap((child) => this.get(child) ?? []);
    return children.filter(({ status }) => status !== "removed");
  }

  /** The names below one parent, or of the roots, without those that were removed. */
  siblingNames(parentId: string | null): string[] {
    const siblings = parentId === null ? [...this.#workspaces.values()] : this.childrenOf(parentId);
    return siblings.flatMap((it) => (it.parentId === parentId && it.status !== "removed" ? it.name : []));
  }

  /** Children, their children and so on, without those that were removed. */
  descendantsOf(id: string): Workspace[] {
    return this.childrenOf(id).flatMap((child) => [child, ...this.descendantsOf(child.id)]);
  }

  /** Called for an evicted workspace. */
  protected abstract evicted(id: string): void;

  protected forgetAll(): void {
    this.#workspaces.clear();
    this.#children.clear();
    this.#cardBytes = 0;
  }

  /** The workspace as last stored, without time-dependent changes since. */
  protected last(id: string): Workspace | undefined {
    return this.#workspaces.get(id);
  }

  protected set(workspace: Workspace): void {
    const before = this.#workspaces.get(workspace.id);
    if (before?.agentCard !== workspace.agentCard) {
      this.#cardBytes += cardBytes(workspace) - (before ? cardBytes(before) : 0);
    }
    this.#workspaces.set(workspace.id, workspace);
    const { parentId } = workspace;
    if (parentId !== null) {
      this.#children.set(parentId, (this.#children.get(parentId) ?? new Set()).add(workspace.id));
    }
    while (this.#workspaces.size > MAX_WORKSPACES || this.#cardBytes > MAX_CARD_BYTES) this.#evictOldest();
  }

  #evictOldest(): void {
    const [oldest] = this.#workspaces.values();
    if (oldest === undefined) return;
    const { id, parentId } = oldest;
    this.#workspaces.delete(id);
    this.#cardBytes -= cardBytes(oldest);
    if (parentId !== null) this.#children.get(parentId)?.delete(id);
    this.#children.delete(id);
    this.evicted(id);
    this.#emit({ type: "evicted", workspaceId: id });
  }

  /** Stores a workspace, and emits an event if its status changed. */
  protected keep(after: Workspace, before = this.#workspaces.get(after.id)): Workspace {
    this.set(after);
    const { status } = after;
    if (status !== before?.status && status !== "removed" && status !== "provisioning") {
      this.#emit({ type: status, workspaceId: after.id, from: before?.status ?? null });
    }
    return after;
  }
}

const cardBytes = ({ agentCard }: Workspace) => (agentCard === null ? 0 : bytesOf(agentCard));
