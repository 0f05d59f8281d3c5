import { randomBytes, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { serveHttp } from "../support/servers.ts";

interface Token {
  readonly id: string;
  readonly text: string;
  readonly kind: "instance" | "api";
  readonly createdAt: number;
  lastUsedAt: number | null;
}

export interface ModelPlatformOptions {
  /** Whether API tokens survive a rotation. @default false */
  readonly apiTokensSurvive?: boolean;
  /** @default true */
  readonly isExternal?: boolean;
}

/** The platform's routes for one workspace's tokens, with recorded behaviour. */
export class ModelPlatform {
  readonly workspaceId = randomUUID();
  readonly options: Required<ModelPlatformOptions>;
  url = "";
  tokens: Token[] = [];
  /** How often no instance token was live, so that any client that registers would be issued one. */
  openings = 0;
  /** Method and path of each request, with a placeholder for the bearer. */
  readonly requests: string[] = [];
  /** The revoked tokens. */
  readonly revoked = new Set<string>();
  /** Called before a request is answered; a returned answer replaces the real one. */
  intercept: (request: string) => { status: number; body: object } | "lose-answer" | null = () => null;

  constructor({ apiTokensSurvive = false, isExternal = true }: ModelPlatformOptions = {}) {
    this.options = { apiTokensSurvive, isExternal };
  }

  issue(kind: Token["kind"]): string {
    const text = randomBytes(32).toString("base64url");
    this.tokens.push({ id: randomUUID(), text, kind, createdAt: Date.now(), lastUsedAt: null });
    return text;
  }

  isLive(text: string | null): boolean {
    return this.tokens.some((token) => token.text === text);
  }

  use(text: string): void {
    for (const token of this.tokens) if (token.text === text) token.lastUsedAt = Date.now();
  }

  revoke(isRevoked: (token: Token) => boolean): void {
    for (const token of this.tokens.filter(isRevoked)) this.revoked.add(token.text);
    this.tokens = this.tokens.filter((token) => !isRevoked(token));
    if (this.isOpen()) this.openings += 1;
  }

  isOpen(): boolean {
    return !this.tokens.some(({ kind }) => kind === "instance");
  }

  answer(method: string, path: string, bearer: string | null): { status: number; body: object } {
    const base = `/workspaces/${this.workspaceId}`;
    const route = `${method} ${path.replace(base, "/w")}`;
    const instanceOnly = !this.isOpen();
    const accepted = this.isLive(bearer);
    if (bearer !== null) this.use(bearer);
    const invalid = { status: 401, body: { error: "invalid workspace auth token" } };
    switch (route) {
      case "GET /w":
        return {
          status: 200,
          body: { id: this.workspaceId, status: "online", url: "", agent_card: { name: "x" } },
        };
      case "POST /registry/register": {
        if (instanceOnly && !accepted) return invalid;
        const issued = instanceOnly ? {} : { auth_token: this.issue("instance") };
        return { status: 200, body: { status: "registered", delivery_mode: "poll", ...issued } };
      }
      case "POST /registry/heartbeat":
        return instanceOnly && !accepted ? invalid : { status: 200, body: { status: "ok" } };
    }
    if (!accepted) return invalid;
    switch (route) {
      case "GET /w/state":
        return {
          status: 200,
          body: { workspace_id: this.workspaceId, status: "online", paused: false, deleted: false },
        };
      case "GET /w/tokens":
        return { status: 200, body: { count: this.tokens.length, tokens: this.tokens.map(shown).reverse() } };
      case "POST /w/tokens":
        return { status: 201, body: { auth_token: this.issue("api"), workspace_id: this.workspaceId } };
      case "POST /w/external/rotate": {
        if (!this.options.isExternal) {
          const error = "rotate is only valid for external/BYO-compute workspaces";
          return { status: 400, body: { error, runtime: "claude-code" } };
        }
        const survives = (token: Token) => this.options.apiTokensSurvive && token.kind === "api";
        const before = [...this.tokens];
        const text = this.issue("instance");
        this.revoke((token) => before.includes(token) && !survives(token));
        return {
          status: 200,
          body: { connection: { auth_token: text, workspace_id: this.workspaceId } },
        };
      }
    }
    const [, id] = /^DELETE \/w\/tokens\/(.+)$/.exec(route) ?? [];
    const found = this.tokens.some((token) => token.id === id);
    if (!found) return { status: 404, body: { error: "token not found or already revoked" } };
    this.revoke((token) => token.id === id);
    return { status: 200, body: { status: "revoked" } };
  }

  /** Serves it on loopback until the test ends. */
  async serve(): Promise<this> {
    this.url = await serveHttp((request, response) => this.#handle(request, response));
    return this;
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const { method = "", url = "" } = request;
    const bearer = request.headers.authorization?.replace(/^Bearer /, "") ?? null;
    request.resume();
    request.on("end", () => {
      const line = `${method} ${url.replace(this.workspaceId, "w")}`;
      this.requests.push(line);
      const intercepted = this.intercept(line);
      const { status, body } =
        intercepted === null || intercepted === "lose-answer"
          ? this.answer(method, url, bearer)
          : intercepted;
      if (intercepted === "lose-answer") {
        response.destroy();
        return;
      }
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  }
}

const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString());
const shown = ({ id, text, createdAt, lastUsedAt }: Token) => ({
  id,
  prefix: text.slice(0, 8),
  created_at: iso(createdAt),
  last_used_at: iso(lastUsedAt),
});
