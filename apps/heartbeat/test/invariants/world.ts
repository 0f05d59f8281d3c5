import { DEFAULT_TIMING } from "../../src/config/timing.ts";
import type { WorkspaceConfig } from "../../src/config/workspaces.ts";
import type { Fleet } from "../../src/fleet/fleet-types.ts";
import { refKey, type WorkspaceRef } from "../../src/storage/workspace-store.ts";
import { type VirtualClock, virtualClock } from "../virtual-clock.ts";
import { Audit, type Life, newLife } from "./audit.ts";
import type { Area, Disk } from "./disk.ts";
import type { Product } from "./load-product.ts";
import { ModelNetwork } from "./network.ts";
import { ModelPlatform } from "./platform.ts";
import { settlesWithin } from "./settles-within.ts";
import { describe, type IssuedToken, Tokens } from "./tokens.ts";

export const A = "https://a.example";
export const B = "https://b.example";
export const IDS = ["atlas", "boreas"] as const;

/** The longest time of a removal or a stop, whatever hangs: a step's requests and file calls, each at its limit. */
const SETTLE_MS = 120_000;

/** Longer than any back-off of the runner. */
const CALM_MS = 420_000;

export type OpenDisk = (options: { clock: VirtualClock; audit: Audit; product: Product }) => Disk;

interface Runner {
  readonly fleet: Fleet;
  readonly life: Life;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Platforms, a disk, and one runner at a time that uses them. */
export class World {
  readonly clock: VirtualClock = virtualClock();
  readonly tokens = new Tokens();
  readonly audit: Audit;
  readonly network: ModelNetwork;
  readonly disk: Disk;
  readonly #product: Product;
  /** Tokens that reached a runner and were not reported as lost. */
  #owed: IssuedToken[] = [];
  #runner: Runner;
  /** How often each id was passed to a runner. */
  readonly #begun = new Map<string, number>();
  readonly #added = new Map<string, { readonly controller: AbortController; readonly begun: number }>();
  readonly #removals: Promise<void>[] = [];

  constructor(product: Product, openDisk: OpenDisk) {
    this.#product = product;
    const { clock, tokens } = this;
    this.audit = new Audit(tokens, clock.monotonic);
    const { audit } = this;
    const platforms = [A, B].map((origin) => new ModelPlatform(origin, tokens));
    this.network = new ModelNetwork({ platforms, clock, audit, tokens });
    this.disk = openDisk({ clock, audit, product });
    this.#runner = this.#start();
  }

  platform(origin: string): ModelPlatform {
    const platform = this.network.platforms.get(origin);
    if (platform === undefined) throw new Error(`no platform at ${origin}`);
    return platform;
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  async apply(configs: readonly WorkspaceConfig[]): Promise<void> {
    const { fleet, life } = this.#runner;
    for (const id of IDS) this.#leaves(life, id);
    for (const config of configs) this.#begins(life, config);
    await this.#settle("apply()", fleet.apply(configs));
  }

  add(config: WorkspaceConfig): void {
    const { fleet, life } = this.#runner;
    this.#begins(life, config);
    const controller = new AbortController();
    this.#added.set(config.id, { controller, begun: this.#begun.get(config.id) ?? 0 });
    fleet.add(config, { signal: controller.signal, begin: "register" });
  }

  /** Once the removal has settled, nothing more may be sent or written for any workspace with that id. */
  remove(id: string): void {
    const { fleet, life } = this.#runner;
    this.#leaves(life, id);
    const ends = this.#end(life, id);
    this.#removals.push(fleet.remove(id).then(ends));
  }

  /** Aborting the signal of an `add` returns no promise; it ends at the latest when a removal does. */
  abort(id: string): void {
    const { life } = this.#runner;
    const added = this.#added.get(id);
    // Unless a list has replaced it since, in which case the replacement stays.
    if (added !== undefined && added.begun === this.#begun.get(id)) {
      this.#leaves(life, id);
      this.clock.after(SETTLE_MS, this.#end(life, id));
    }
    added?.controller.abort();
  }

  async restart(configs: readonly WorkspaceConfig[]): Promise<void> {
    await this.stop();
    this.#runner = this.#start();
    await this.apply(configs);
  }

  /** Ends all faults. Spilled tokens are then stored where they belong. */
  async calmDown(): Promise<void> {
    const { fleet, life } = this.#runner;
    for (const platform of this.network.platforms.values()) {
      platform.isDown = false;
      this.network.setFates(platform.origin, []);
    }
    this.disk.conditions.token = "works";
    this.disk.conditions.spill = "works";
    await this.pass(CALM_MS);
    const kept = new Set(fleet.workspaces().map(refOf).map(refKey));
    const owed = [...this.#owed, ...life.reached].filter(
      ({ ref, isLive }) => isLive && kept.has(refKey(ref)),
    );
    await this.#checkKept(owed, ["token"]);
  }

  async stop(): Promise<void> {
    const { fleet, life, stop, ended } = this.#runner;
    stop.abort();
    await this.#settle("run()", ended);
    life.isOver = true;
    await this.#settle("remove()", Promise.all(this.#removals));
    const lost = new Set(fleet.unsaved());
    this.#owed = [...this.#owed, ...life.reached].filter(({ ref }) => !lost.has(ref.workspaceId));
    await this.#checkKept(this.#owed, ["token", "spill"]);
    await this.pass(SETTLE_MS);
  }

  #leaves(life: Life, id: string): void {
    for (const platformOrigin of [A, B]) life.leaving.add(refKey({ platformOrigin, workspaceId: id }));
  }

  /** From then on nothing is sent or written, unless the id is passed to the runner again. */
  #end(life: Life, id: string): () => void {
    const begun = this.#begun.get(id);
    const { fleet } = this.#runner;
    return () => {
      // A token that would be lost is stored as soon as it can be.
      if (this.#begun.get(id) !== begun || fleet.unsaved().includes(id)) return;
      for (const platformOrigin of [A, B]) life.ended.add(refKey({ platformOrigin, workspaceId: id }));
    };
  }

  #begins(life: Life, config: WorkspaceConfig): void {
    life.leaving.delete(refKey(refOf(config)));
    life.ended.delete(refKey(refOf(config)));
    this.#begun.set(config.id, (this.#begun.get(config.id) ?? 0) + 1);
  }

  #start(): Runner {
    const { clock, network, disk } = this;
    const life = newLife();
    const fleet = this.#product.createFleet({
      store: disk.open(life),
      timing: DEFAULT_TIMING,
      cardOf: (name) => ({ name }),
      env: {},
      clock,
      random: () => 0.5,
      userAgent: "model/1",
      onEvent: () => {},
      onAuthEvent: () => {},
      connect: network.connect(life),
    });
    const stop = new AbortController();
    return { fleet, life, stop, ended: fleet.run(stop.signal) };
  }

  /** For each workspace, the newest token that reached a runner, or a newer one, is in one of these areas. */
  async #checkKept(tokens: readonly IssuedToken[], areas: readonly Area[]): Promise<void> {
    const newest = new Map(tokens.map((token) => [refKey(token.ref), token]));
    for (const [key, token] of newest) {
      const texts = await Promise.all(areas.map((area) => this.disk.peek(area, token.ref)));
      const kept = texts.map((text) => this.tokens.find(text));
      if (kept.some((each) => each !== undefined && each.number >= token.number)) continue;
      this.audit.report("I2", `${key}: ${describe(token)} is not kept (${areas.join(", ")})`);
    }
  }

  async #settle(what: string, promise: Promise<unknown>): Promise<void> {
    if (!(await settlesWithin(this.clock, promise, SETTLE_MS)))
      this.audit.report("I3", `${what} did not settle`);
  }
}

const refOf = ({ id, platformUrl }: Pick<WorkspaceConfig, "id" | "platformUrl">): WorkspaceRef => ({
  platformOrigin: new URL(platformUrl).origin,
  workspaceId: id,
});
