import { createHash } from "node:crypto";
import type { TokenStorage } from "@x/auth-core";
import type { WorkspaceRef, WorkspaceStore } from "../storage/workspace-store.ts";

const fingerprint = (token: string): string => createHash("sha256").update(token).digest("hex");

/** One line: which spilled token it is about, and the one that this replaces. */
const formatBasis = (token: string, sentWith: string): string => `${fingerprint(token)} ${sentWith}`;

/** `null`: it is about another token. */
function parseBasis(line: string, token: string): string | null {
  const prefix = `${fingerprint(token)} `;
  return line.startsWith(prefix) ? line.slice(prefix.length) : null;
}

/** A token of a workspace that its own location does not hold yet, beside the runner's state. */
export class SpilledToken {
  readonly #token: TokenStorage;
  /** `null`: what it replaces is not remembered. */
  readonly #basis: TokenStorage | null;

  constructor(store: Pick<WorkspaceStore, "spill" | "spillBasis">, ref: WorkspaceRef) {
    this.#token = store.spill(ref);
    this.#basis = store.spillBasis?.(ref) ?? null;
  }

  get location(): string {
    return this.#token.location;
  }

  /** `sentWith`: the bearer of the request that was answered with it; `null`: there was none, or it is not known. */
  async read(): Promise<{ readonly token: string; readonly sentWith: string | null } | null> {
    const token = await this.#token.read();
    if (token === null) return null;
    const line = this.#basis && (await readable(this.#basis));
    return { token, sentWith: line && parseBasis(line, token) };
  }

  /** Returns false when it could not be written. Why, is reported for the token's own location; a second one can only help. */
  async write(token: string, sentWith: string | null): Promise<boolean> {
    try {
      await this.#token.write(token);
    } catch {
      return false;
    }
    // Without it the token is offered where there is none.
    if (sentWith !== null)
      await Promise.resolve(this.#basis?.write(formatBasis(token, sentWith))).catch(() => {});
    return true;
  }

  /** What stays there is offered once more at the next start, and changes nothing then. */
  async drop(token: string): Promise<void> {
    if ((await readable(this.#token)) !== token) return;
    await Promise.resolve(this.#basis?.remove?.()).catch(() => {});
    await Promise.resolve(this.#token.remove?.()).catch(() => {});
  }
}

/** The stored text; `null` also when it cannot be read, and so has to be written again. */
export async function readable(storage: TokenStorage): Promise<string | null> {
  try {
    return await storage.read();
  } catch {
    return null;
  }
}
