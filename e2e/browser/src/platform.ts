import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** The requests that were received. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Answer {
  readonly status: number;
  readonly json: unknown;
}

/**
 * Registration and heartbeat of one workspace, following the platform's contract: a token is issued only if none is
 * active, and once one is, every request needs it.
 */
export class Platform {
  readonly seen: Seen[] = [];
  /** Every token issued so far. */
  readonly issued: string[] = [];
  #live: string | null = null;

  /** Revokes the active token and issues another, as an operator would. */
  rotate(): string {
    const token = randomBytes(32).toString("base64url");
    this.issued.push(token);
    this.#live = token;
    return token;
  }

  answer(seen: Seen): Answer {
    this.seen.push(seen);
    const { authorization } = seen.headers;
    if (this.#live !== null && authorization !== `Bearer ${this.#live}`) {
      return {
        status: 401,
        json: { error: authorization ? "invalid workspace auth token" : "missing workspace auth token" },
      };
    }
    if (seen.path === "/registry/register") {
      const issued = this.#live === null ? { auth_token: this.rotate() } : {};
      return { status: 200, json: { status: "registered", ...issued } };
    }
    return { status: 200, json: { status: "ok" } };
  }
}
