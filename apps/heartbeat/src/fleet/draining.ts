import type { WorkspaceRef } from "../storage/workspace-store.ts";

/** Workspaces that were removed, and of which something is still in flight. */
export class Draining {
  /** By id, then by platform. */
  readonly #byId = new Map<string, Map<string, Promise<void>>>();

  /** Settles when nothing of the workspace is in flight any more; `undefined` when nothing is. */
  of({ platformOrigin, workspaceId }: WorkspaceRef): Promise<void> | undefined {
    return this.#byId.get(workspaceId)?.get(platformOrigin);
  }

  /** Settles when nothing of the workspaces with this id is in flight any more, at whatever platforms. */
  async ofId(workspaceId: string): Promise<void> {
    await Promise.all(this.#byId.get(workspaceId)?.values() ?? []);
  }

  async all(): Promise<void> {
    await Promise.all([...this.#byId.keys()].map((workspaceId) => this.ofId(workspaceId)));
  }

  /** @param drained settles when nothing of it is in flight any more; of one workspace one at a time */
  add({ platformOrigin, workspaceId }: WorkspaceRef, drained: Promise<void>): void {
    const platforms = this.#byId.get(workspaceId) ?? new Map<string, Promise<void>>();
    const ended = drained.then(() => {
      platforms.delete(platformOrigin);
      if (platforms.size === 0) this.#byId.delete(workspaceId);
    });
    this.#byId.set(workspaceId, platforms.set(platformOrigin, ended));
  }
}
