import { createHash } from "node:crypto";
import type { TokenStorage } from "@x/auth-core";
import type { WorkspaceRef, WorkspaceStore } from "../storage/workspace-store.ts";

const fingerprint = (token: string): string => createHash("sha256").update(token).digest("hex");

/** One line: identifies the spilled token and the one that it replaces. */
const formatBasis = (token: string, sentWith: string): string => `${fingerprint(token)} ${sentWith}`;

/** `null` when it is about another token. */
function parseBasis(line: string, token: string): string | null {
  const prefix = `${fingerprint(token)} `;
  return line.startsWith(prefix) ? line.slice(prefix.length) : null;
}

/** A workspace's token that its own storage does not hold yet, stored next to the runner's state. */
export class SpilledToken {
  readonly #token: TokenStorage;
  /** `null` when it was not recorded what it replaces. */
  readonly #basis: TokenStorage | null;

  constructor(store: Pick<WorkspaceStore, "spill" | "spillBasis">, ref: WorkspaceRef) {
    this.#token = store.spill(ref);
    this.#basis = store.spillBasis?.(ref) ?? null;
  }

  get location(): string {
    return this.#token.location;
  }

  /** `sentWith`: the bearer of the request that it answered; `null` if there was none or it is unknown. */
  async read(): Promise<{ readonly token: string; readonly sentWith: string | null } | null> {
    const token = await this.#token.read();
    if (token === null) return null;
    const line = this.#basis && (await readable(this.#basis));
    return { token, sentWith: line && parseBasis(line, token) };
  }

  /**
   * Returns false when it could not be written. The reason is reported for the token's own storage; this copy is only a
   * help.
   */
  async write(token: string, sentWith: string | null): Promise<boolean> {
    try {
      await this.#token.write(token);
    } catch {
      return false;
    }
    // Without the record, the token is stored only if there is none.
    if (sentWith !== null)
      await Promise.resolve(this.#basis?.write(formatBasis(token, sentWith))).catch(() => {});
    return true;
  }

  /** A leftover is offered again at the next start, and changes nothing then. */
  async drop(token: string): Promise<void> {
    if ((await readable(this.#token)) !== token) return;
    await Promise.resolve(this.#basis?.remove?.()).catch(() => {});
    await Promise.resolve(this.#token.remove?.()).catch(() => {});
  }
}

/** The stored text; `null` also when it cannot be read and so must be written again. */
export async function readable(storage: TokenStorage): Promise<string | null> {
  try {
    return await storage.read();
  } catch {
    return null;
  }
}
