import type { AccessOptions, Awaitable, TokenStorage } from "@x/auth-core";
import { nothingStored } from "../../soak/nothing-stored.ts";
import { type Clock, sleep } from "../../src/clock.ts";
import {
  type ResultsLog,
  refKey,
  type WorkspaceRef,
  type WorkspaceStore,
} from "../../src/storage/workspace-store.ts";
import type { Audit, Life } from "./audit.ts";
import type { Product } from "./load-product.ts";

export type Area = "token" | "spill";

/** How an area of the disk responds to calls. */
export type Condition =
  | "works"
  | "read-only"
  /** A probe succeeds, a write does not. */
  | "write-fails"
  /** The write succeeds, but the call rejects. */
  | "write-unsure"
  | "unreadable"
  /** Until the store's limit expires. */
  | "hangs";

export const CONDITIONS: readonly Condition[] = [
  "works",
  "read-only",
  "write-fails",
  "write-unsure",
  "unreadable",
  "hangs",
];

/** How long the store waits for a disk. */
const LIMIT_MS = 3_000;
const LATENCY_MS = 5;

type Access = "read" | "probe" | "write";

/** State that outlives the runners. */
export interface Disk {
  readonly conditions: Record<Area, Condition>;
  /** The stored text, in any condition. */
  peek(area: Area, ref: WorkspaceRef): Awaitable<string | null>;
  /** The provisioner, or the Python runtime, stores a token. It may do so even if the runner cannot. */
  provision(ref: WorkspaceRef, token: string): void;
  /** The disk as one runner sees it. */
  open(life: Life): WorkspaceStore;
}

/** In memory. Every runner has its own view of it, so that writes can be attributed. */
export class ModelDisk implements Disk {
  readonly conditions: Record<Area, Condition> = { token: "works", spill: "works" };
  readonly #contents = new Map<string, string>();
  readonly #delivered = new Map<string, string[]>();
  readonly #clock: Clock;
  readonly #audit: Audit;
  readonly #product: Product;

  constructor(options: { readonly clock: Clock; readonly audit: Audit; readonly product: Product }) {
    this.#clock = options.clock;
    this.#audit = options.audit;
    this.#product = options.product;
  }

  peek(area: Area, ref: WorkspaceRef): string | null {
    return this.#contents.get(`${area} ${refKey(ref)}`) ?? null;
  }

  provision(ref: WorkspaceRef, token: string): void {
    this.#contents.set(`token ${refKey(ref)}`, token);
  }

  open(life: Life): WorkspaceStore {
    const secrets = new Map<string, string>();
    return {
      ...nothingStored,
      token: (ref) => this.#storage(life, "token", ref),
      spill: (ref) => this.#storage(life, "spill", ref),
      inboundSecret: (ref) => ({
        location: "secret",
        read: () => secrets.get(refKey(ref)) ?? null,
        write: (text) => {
          this.#audit.touches(life, ref, "the inbound secret");
          secrets.set(refKey(ref), text);
        },
      }),
      results: (ref) => this.#results(life, ref),
      spilled: async () => {
        await this.#access("spill", "read");
        const keys = [...this.#contents.keys()].filter((key) => key.startsWith("spill "));
        return new Set(keys.map((key) => key.slice("spill ".length)));
      },
    };
  }

  #storage(life: Life, area: Area, ref: WorkspaceRef): TokenStorage {
    // The audience of a call takes precedence over the workspace's own, as in the file store.
    const refOf = ({ platformOrigin = ref.platformOrigin }: AccessOptions = {}): WorkspaceRef => ({
      platformOrigin,
      workspaceId: ref.workspaceId,
    });
    const keyOf = (options?: AccessOptions) => `${area} ${refKey(refOf(options))}`;
    const set = (text: string, options?: AccessOptions) => {
      const before = area === "token" ? (this.#contents.get(keyOf(options)) ?? null) : null;
      this.#audit.writes(life, refOf(options), { what: area, text, before });
      this.#contents.set(keyOf(options), text);
      if (this.conditions[area] === "write-unsure") throw this.#failure("write");
    };
    return {
      location: `${area} of ${ref.workspaceId}`,
      read: async (options) => {
        await this.#access(area, "read", options);
        return this.#contents.get(keyOf(options)) ?? null;
      },
      write: async (text, options) => {
        await this.#access(area, "write", options);
        set(text, options);
      },
      replace: async (expected, text, options) => {
        await this.#access(area, "write", options);
        if ((this.#contents.get(keyOf(options)) ?? null) !== expected) return false;
        set(text, options);
        return true;
      },
      remove: async (options) => {
        await this.#access(area, "write", options);
        this.#audit.touches(life, refOf(options), area);
        this.#contents.delete(keyOf(options));
      },
      probe: async (options) => {
        await this.#access(area, "probe", options);
        this.#audit.probed(life, refOf(options));
      },
    };
  }

  #results(life: Life, ref: WorkspaceRef): ResultsLog {
    const delivered = this.#delivered.get(refKey(ref)) ?? [];
    this.#delivered.set(refKey(ref), delivered);
    const touch = async (options?: AccessOptions) => {
      await this.#wait(LATENCY_MS, options);
      this.#audit.touches(life, ref, "the results");
    };
    return {
      location: "results",
      load: async () => ({ delivered: [...delivered], unannounced: [], damagedLines: 0, isNew: false }),
      append: async (entries, options) => {
        await touch(options);
        delivered.push(...entries.map(({ id }) => id));
      },
      markAnnounced: (_ids, options) => touch(options),
    };
  }

  /** @throws AuthError when the disk fails; the signal's reason */
  async #access(area: Area, access: Access, options?: AccessOptions): Promise<void> {
    const before = this.conditions[area];
    await this.#wait(before === "hangs" ? LIMIT_MS : LATENCY_MS, options);
    const condition = before === "hangs" ? before : this.conditions[area];
    const fails =
      condition === "hangs" ||
      (access === "read" && condition === "unreadable") ||
      (access !== "read" && condition === "read-only") ||
      (access === "write" && condition === "write-fails");
    if (fails) throw this.#failure(access);
  }

  async #wait(ms: number, { signal }: AccessOptions = {}): Promise<void> {
    const abort = new AbortController();
    const forward = () => abort.abort();
    if (signal?.aborted) throw signal.reason;
    signal?.addEventListener("abort", forward);
    await sleep(this.#clock, ms, abort.signal);
    signal?.removeEventListener("abort", forward);
    if (signal?.aborted) throw signal.reason;
  }

  #failure(access: Access): Error {
    const { AuthError } = this.#product;
    return access === "read"
      ? new AuthError("STORAGE_READ_FAILED", "the disk cannot be read")
      : new AuthError("STORAGE_WRITE_FAILED", "the disk cannot be written");
  }
}
