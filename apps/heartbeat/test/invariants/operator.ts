import type { WorkspaceConfig } from "../../src/config/workspaces.ts";
import type { List, Operation, Place } from "./operations.ts";
import type { World } from "./world.ts";

/** Executes operations one after another. */
export class Operator {
  readonly #world: World;
  #list: List = [];
  /** The token in the list, by platform and id. */
  readonly #listed = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  async run(operation: Operation): Promise<void> {
    const world = this.#world;
    switch (operation.do) {
      case "pass":
        return world.pass(operation.ms);
      case "apply":
        this.#list = operation.list;
        return world.apply(this.#configs(operation.list));
      case "restart":
        this.#list = operation.list;
        return world.restart(this.#configs(operation.list));
      case "drop":
        this.#list = this.#list.filter(({ id }) => id !== operation.id);
        await world.apply(this.#configs(this.#list));
        return world.remove(operation.id);
      case "add":
        return world.add(this.#config({ ...operation, hasToken: false }, operation.place));
      case "abort":
        return world.abort(operation.id);
      case "remove":
        return world.remove(operation.id);
      case "rotate":
        return this.#rotate(operation);
      case "revoke":
        return world.platform(operation.at).revoke(operation.id);
      case "deregister":
        return world.platform(operation.at).remove(operation.id);
      case "heartbeat brings token":
        return world.platform(operation.at).rotateWithHeartbeat(operation.id);
      case "delegation finishes":
        return world.platform(operation.at).finishDelegation(operation.id);
      case "outage":
        world.platform(operation.at).isDown = operation.isDown;
        return;
      case "fates":
        return world.network.setFates(operation.at, operation.fates);
      case "disk":
        world.disk.conditions[operation.area] = operation.condition;
    }
  }

  #rotate({ id, at, storedAfterMs }: Operation & { do: "rotate" }): void {
    const { clock, disk } = this.#world;
    const token = this.#world.platform(at).rotate(id);
    this.#listed.set(`${at} ${id}`, token.text);
    const store = () => {
      if (token.isLive) disk.provision(token.ref, token.text);
    };
    if (storedAfterMs === 0) store();
    else if (storedAfterMs !== null) clock.after(storedAfterMs, store);
  }

  #configs(list: List): WorkspaceConfig[] {
    return list.flatMap((entry) => (entry.place === null ? [] : [this.#config(entry, entry.place)]));
  }

  #config({ id, hasToken }: List[number], place: Place): WorkspaceConfig {
    const config = { id, platformUrl: place, ownPlatform: true, isListed: true };
    const token = this.#listed.get(`${new URL(place).origin} ${id}`);
    return hasToken && token !== undefined ? { ...config, token } : config;
  }
}
