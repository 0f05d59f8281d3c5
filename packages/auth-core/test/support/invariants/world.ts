import type fc from "fast-check";
import type { Auth, AuthEvent, AuthHeaders } from "../../../src/index.ts";
import type { Core } from "./core.ts";
import { ScheduledStorage, type StorageKind } from "./storage.ts";

export const platforms = ["a", "b", "c"] as const;
export type PlatformName = (typeof platforms)[number];

export const originOf = (platform: PlatformName): string => `https://${platform}.example`;
/** A token's first character names its platform; its shortened form identifies it. */
const audienceOf = (token: string): string => `https://${token[0]}.example`;

/** A save and its outcome. */
export interface Saved {
  readonly token: string;
  readonly platform: PlatformName;
  readonly sentWith: string | null | undefined;
  readonly control: AbortController;
  /** The number of calls and commits at the time of its abort. */
  aborted: { readonly calls: number; readonly commits: number } | null;
  outcome: "pending" | "stored" | "unsaved";
}

/** Some platforms, one `Auth`, and a record of everything that happens. Collects violations of the invariants. */
export class World {
  readonly env: Record<string, string | undefined> = { PLATFORM_URL: originOf("a") };
  readonly storage: ScheduledStorage;
  readonly auth: Auth;
  readonly events: AuthEvent[] = [];
  readonly saves: Saved[] = [];
  readonly rejected: Set<string> = new Set();
  readonly violations: string[] = [];
  readonly calls: Promise<unknown>[] = [];
  /** Tokens that the `Auth` has used or saved, so that it knows their platform. */
  readonly #known = new Set<string>();
  readonly #platformFetch: (input: string) => Promise<Response>;
  #minted = 0;
  #refusing = false;

  readonly kind: StorageKind;
  readonly #core: Core;

  constructor(core: Core, kind: StorageKind, scheduler: fc.Scheduler) {
    this.#core = core;
    this.kind = kind;
    this.storage = new ScheduledStorage(kind, scheduler);
    this.auth = core.createAuth({
      storage: this.storage,
      env: this.env,
      onEvent: (event) => this.events.push(event),
      sourceTimeoutMs: 1_000,
    });
    this.#platformFetch = core.createAuthFetch(this.auth, {
      fetch: async (input, init) =>
        this.#receive(String(input), new Headers(init?.headers).get("authorization")),
    });
  }

  mint(platform: PlatformName): string {
    this.#minted += 1;
    return `${platform}${String(this.#minted).padStart(3, "0")}-a-token-that-is-long-enough`;
  }

  /** Operator and platform change at the same moment. The auth cannot know whose an unseen token is. */
  move(platform: PlatformName, keep: boolean): void {
    this.env.PLATFORM_URL = originOf(platform);
    const forget = (text: string | undefined) => text !== undefined && !(keep && this.#known.has(text));
    if (forget(this.env.MOLECULE_WORKSPACE_TOKEN)) this.env.MOLECULE_WORKSPACE_TOKEN = undefined;
    if (this.kind.apart) return;
    const entry = this.storage.entryOf(undefined);
    if (forget(this.storage.entries.get(entry))) this.storage.entries.delete(entry);
  }

  setEnvToken(): void {
    this.env.MOLECULE_WORKSPACE_TOKEN = this.mint(this.configured());
  }

  configured(): PlatformName {
    return platforms.find((each) => this.env.PLATFORM_URL === originOf(each)) ?? "a";
  }

  /** Another process stores a token for the configured platform. */
  changeElsewhere(): void {
    const platformOrigin = originOf(this.configured());
    this.storage.change(this.storage.entryOf({ platformOrigin }), this.mint(this.configured()));
  }

  save(platform: PlatformName, how: "operator" | "network"): void {
    const token = this.mint(platform);
    const bearers = [...this.#known].filter((each) => each[0] === platform);
    const sentWith = how === "operator" ? undefined : (bearers.at(-1) ?? null);
    const saved: Saved = {
      token,
      platform,
      sentWith,
      control: new AbortController(),
      aborted: null,
      outcome: "pending",
    };
    this.saves.push(saved);
    this.#known.add(token);
    const options = { platformOrigin: originOf(platform), signal: saved.control.signal };
    const saving = this.auth.saveToken(token, sentWith === undefined ? options : { ...options, sentWith });
    this.calls.push(
      saving.then(
        () => {
          saved.outcome = "stored";
        },
        () => {
          saved.outcome = "unsaved";
        },
      ),
    );
  }

  abort(which: number): void {
    const saved = this.saves.at(-which);
    if (!saved || saved.aborted !== null) return;
    saved.aborted = { calls: this.storage.calls.length, commits: this.storage.commits.length };
    saved.control.abort(new Error("aborted"));
  }

  headers(workspaceId?: string): void {
    this.calls.push(this.auth.authHeaders(workspaceId).then((headers) => this.#check(headers)));
  }

  register(platform: PlatformName | null): void {
    const options = platform === null ? {} : { platformUrl: originOf(platform) };
    const own = this.auth.listRegisteredWorkspaces().includes("w") ? this.auth.platformOrigin("w") : null;
    const target = platform ?? platforms.find((each) => originOf(each) === own) ?? this.configured();
    this.auth.registerWorkspaceToken("w", this.mint(target), options);
  }

  send(platform: PlatformName | null): void {
    const url = platform === null ? "/x" : `${originOf(platform)}/x`;
    this.calls.push(this.#platformFetch(url));
  }

  sendWithAuth(platform: PlatformName): void {
    const url = `${originOf(platform)}/x`;
    const send = ({ Authorization }: AuthHeaders) => this.#receive(url, Authorization ?? null);
    this.calls.push(this.#core.withAuth(this.auth, { url, send }));
  }

  toggleRejecting(): void {
    this.#refusing = !this.#refusing;
  }

  reject(): void {
    const token = [...this.#known].at(-1);
    if (!token) return;
    this.rejected.add(token);
    this.auth.rejectToken(token);
  }

  #check({ Origin, Authorization }: AuthHeaders): void {
    const token = Authorization?.slice("Bearer ".length);
    if (!token) return;
    this.#known.add(token);
    if (Origin !== undefined && audienceOf(token) !== Origin)
      this.violations.push(`${token} beside ${Origin}`);
  }

  #receive(url: string, authorization: string | null): Response {
    const { origin } = new URL(url);
    const token = authorization?.slice("Bearer ".length);
    if (token) this.#known.add(token);
    if (token && audienceOf(token) !== origin) this.violations.push(`${token} sent to ${origin}`);
    const status = this.#refusing ? 401 : 200;
    if (status === 401 && token) this.rejected.add(token);
    return new Response(null, { status });
  }
}
