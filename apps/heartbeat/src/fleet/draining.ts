import type { WorkspaceRef } from "../storage/workspace-store.ts";

/** Removed workspaces that still have something in flight. */
export class Draining {
  /** By id, then by platform. */
  readonly #byId = new Map<string, Map<string, Promise<void>>>();

  /** Settles when nothing is in flight for the workspace; `undefined` when nothing is. */
  of({ platformOrigin, workspaceId }: WorkspaceRef): Promise<void> | undefined {
    return this.#byId.get(workspaceId)?.get(platformOrigin);
  }

  /** Settles when nothing is in flight for the workspaces with this id, at any platform. */
  async ofId(workspaceId: string): Promise<void> {
    await Promise.all(this.#byId.get(workspaceId)?.values() ?? []);
  }

  async all(): Promise<void> {
    await Promise.all([...this.#byId.keys()].map((workspaceId) => this.ofId(workspaceId)));
  }

  /** @param drained settles when nothing is in flight for it; pass one per workspace at a time */
  add({ platformOrigin, workspaceId }: WorkspaceRef, drained: Promise<void>): void {
    const platforms = this.#byId.get(workspaceId) ?? new Map<string, Promise<void>>();
    const ended = drained.then(() => {
      platforms.delete(platformOrigin);
      if (platforms.size === 0) this.#byId.delete(workspaceId);
    });
    this.#byId.set(workspaceId, platforms.set(platformOrigin, ended));
  }
}
