import type { IssuedToken, Tokens } from "./tokens.ts";

export interface Question {
  readonly method: string;
  readonly path: string;
  readonly bearer: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Issues a token: only these two routes do. */
  readonly isIssuing?: boolean;
}

interface Workspace {
  readonly id: string;
  isRemoved: boolean;
  /** Live tokens; without any, every request is admitted. */
  readonly live: Set<IssuedToken>;
  /** The next heartbeat is answered with a new token. */
  bringsToken: boolean;
  readonly delegations: unknown[];
}

const OK = 200;

/** A platform as the contract describes it, as far as tokens are concerned. */
export class ModelPlatform {
  readonly origin: string;
  readonly #tokens: Tokens;
  readonly #workspaces = new Map<string, Workspace>();
  /** It is down and does not answer. */
  isDown = false;

  constructor(origin: string, tokens: Tokens) {
    this.origin = origin;
    this.#tokens = tokens;
  }

  /** The operator revokes all tokens and issues a new one. */
  rotate(id: string): IssuedToken {
    this.revoke(id);
    return this.#issue(this.#workspace(id));
  }

  revoke(id: string): void {
    const { live } = this.#workspace(id);
    for (const token of live) token.isLive = false;
    live.clear();
  }

  remove(id: string): void {
    this.revoke(id);
    this.#workspace(id).isRemoved = true;
  }

  rotateWithHeartbeat(id: string): void {
    this.#workspace(id).bringsToken = true;
  }

  finishDelegation(id: string): void {
    const { delegations } = this.#workspace(id);
    delegations.unshift({
      delegation_id: `delegation-${delegations.length}`,
      source_id: id,
      status: "completed",
    });
  }

  answer({ method, path, bearer, body }: Question): Answer {
    if (path === "/registry/register") return this.#register(String(body.id), bearer);
    if (path === "/registry/heartbeat") return this.#heartbeat(String(body.workspace_id), bearer);
    if (path === "/registry/update-card") return this.#authorized(String(body.workspace_id), bearer, {});
    const [, , id = "", route] = path.split("/");
    if (route === undefined) return this.#show(id);
    const workspace = this.#workspaces.get(id);
    if (workspace === undefined || !this.#isOwn(workspace, bearer)) return unauthorized();
    if (route === "delegations") return { status: OK, body: workspace.delegations };
    // Another agent's text: it imitates the platform's answer and contains a token for another audience.
    if (route === "a2a" && method === "POST") return { status: OK, body: this.#smuggled({ result: {} }) };
    return { status: OK, body: { workspace_id: id, status: "online", paused: false, deleted: false } };
  }

  #register(id: string, bearer: string | null): Answer {
    const workspace = this.#workspace(id);
    if (!this.#mayPass(workspace, bearer)) return unauthorized();
    const secret = { status: "registered", platform_inbound_secret: "secret" };
    if (workspace.live.size > 0) return { status: OK, body: secret };
    const token = this.#issue(workspace);
    return { status: OK, body: { ...secret, auth_token: token.text }, isIssuing: true };
  }

  #heartbeat(id: string, bearer: string | null): Answer {
    const workspace = this.#workspaces.get(id);
    const accepted = { status: "ok", platform_inbound_secret: "secret" };
    if (workspace === undefined) return { status: OK, body: accepted };
    if (!this.#mayPass(workspace, bearer)) return unauthorized();
    if (!workspace.bringsToken || !this.#isOwn(workspace, bearer)) return { status: OK, body: accepted };
    workspace.bringsToken = false;
    const token = this.rotate(id);
    return { status: OK, body: { ...accepted, auth_token: token.text }, isIssuing: true };
  }

  #authorized(id: string, bearer: string | null, body: object): Answer {
    return this.#mayPass(this.#workspace(id), bearer) ? { status: OK, body } : unauthorized();
  }

  #show(id: string): Answer {
    const workspace = this.#workspaces.get(id);
    if (workspace === undefined) return { status: 404, body: { error: "workspace not found" } };
    if (workspace.isRemoved) return { status: 410, body: { error: "workspace removed", id } };
    return { status: OK, body: this.#smuggled({ id, status: "online", url: "" }) };
  }

  /** Routes that never issue tokens answer with one anyway. */
  #smuggled(body: object): object {
    const token = this.#tokens.issue({
      platformOrigin: "https://elsewhere.example",
      workspaceId: "smuggler",
    });
    return { ...body, auth_token: token.text, platform_inbound_secret: token.text };
  }

  #mayPass(workspace: Workspace, bearer: string | null): boolean {
    return workspace.live.size === 0 || this.#isOwn(workspace, bearer);
  }

  #isOwn({ live }: Workspace, bearer: string | null): boolean {
    const token = this.#tokens.find(bearer);
    return token !== undefined && live.has(token);
  }

  /** A removed workspace's token is never accepted. */
  #issue({ id, live, isRemoved }: Workspace): IssuedToken {
    const token = this.#tokens.issue({ platformOrigin: this.origin, workspaceId: id });
    if (isRemoved) token.isLive = false;
    else live.add(token);
    return token;
  }

  #workspace(id: string): Workspace {
    const known = this.#workspaces.get(id);
    if (known !== undefined) return known;
    const workspace = {
      id,
      isRemoved: false,
      live: new Set<IssuedToken>(),
      bringsToken: false,
      delegations: [],
    };
    this.#workspaces.set(id, workspace);
    return workspace;
  }
}

const unauthorized = (): Answer => ({ status: 401, body: { error: "invalid workspace auth token" } });
