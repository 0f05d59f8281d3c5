import type { WorkspaceRef } from "../../src/storage/workspace-store.ts";

/** A token or secret that a platform of the model issued. */
export interface IssuedToken {
  readonly text: string;
  /** Its platform and workspace. */
  readonly ref: WorkspaceRef;
  /** The order of issue. */
  readonly number: number;
  isLive: boolean;
}

const TOKEN = /token\.\d+\.of-the-model/g;

/** All issued tokens, of any platform. */
export class Tokens {
  readonly #byText = new Map<string, IssuedToken>();

  issue(ref: WorkspaceRef): IssuedToken {
    const number = this.#byText.size + 1;
    const token = { text: `token.${number}.of-the-model`, ref, number, isLive: true };
    this.#byText.set(token.text, token);
    return token;
  }

  find(text: string | null | undefined): IssuedToken | undefined {
    return text === null || text === undefined ? undefined : this.#byText.get(text);
  }

  /** Every known token that occurs in a text. */
  within(text: string): IssuedToken[] {
    return [...text.matchAll(TOKEN)].flatMap(([found]) => this.find(found) ?? []);
  }
}

export const isFor = ({ ref }: IssuedToken, { platformOrigin, workspaceId }: WorkspaceRef): boolean =>
  ref.platformOrigin === platformOrigin && ref.workspaceId === workspaceId;

/** A description for error messages. */
export function describe(token: IssuedToken | undefined): string {
  if (token === undefined) return "an unknown token";
  const { number, isLive, ref } = token;
  return `token ${number} of ${ref.workspaceId} at ${ref.platformOrigin} (${isLive ? "live" : "dead"})`;
}
