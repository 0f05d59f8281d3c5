import type { TransportRequest, TransportResponse } from "@x/platform-client";
import type { Clock } from "../../src/clock.ts";
import type { Connect } from "../../src/transport/connection.ts";
import { type Audit, bearerOf, type Life } from "./audit.ts";
import type { Answer, ModelPlatform } from "./platform.ts";
import type { IssuedToken, Tokens } from "./tokens.ts";

/** What happens to one request. */
export type Fate =
  /** Processed at once, and answered after this time. */
  | { readonly kind: "answered"; readonly afterMs: number }
  /** Processed, but the answer never arrives. */
  | { readonly kind: "lost" }
  | { readonly kind: "refused" }
  | { readonly kind: "failed"; readonly status: number }
  | { readonly kind: "limited"; readonly seconds: number };

/** An answer that may hold a token is waited for at least this long. */
const GRACE_MS = 3_000;

const USUAL: Fate = { kind: "answered", afterMs: 20 };

/** Between runners and platforms. Never a real socket. */
export class ModelNetwork {
  readonly platforms: ReadonlyMap<string, ModelPlatform>;
  readonly #clock: Clock;
  readonly #audit: Audit;
  readonly #tokens: Tokens;
  readonly #fates = new Map<string, Fate[]>();

  constructor(options: {
    readonly platforms: readonly ModelPlatform[];
    readonly clock: Clock;
    readonly audit: Audit;
    readonly tokens: Tokens;
  }) {
    this.platforms = new Map(options.platforms.map((platform) => [platform.origin, platform]));
    this.#clock = options.clock;
    this.#audit = options.audit;
    this.#tokens = options.tokens;
  }

  /** Sets the outcomes of the next requests to a platform; after those, requests succeed again. */
  setFates(origin: string, fates: readonly Fate[]): void {
    this.#fates.set(origin, [...fates]);
  }

  /** One runner's connections to the platforms. */
  connect(life: Life): Connect {
    return () => ({
      request: (request) => this.#request(life, request),
      close: () => Promise.resolve(),
    });
  }

  #request(life: Life, { method, url, headers, body, signal, timeoutMs }: TransportRequest) {
    const { origin, pathname: path } = new URL(url);
    const content: Record<string, unknown> = body === null ? {} : JSON.parse(body);
    const isRegistry = path.startsWith("/registry/");
    const workspaceId = String(isRegistry ? (content.workspace_id ?? content.id) : path.split("/")[2]);
    const ref = { platformOrigin: origin, workspaceId };
    this.#audit.sends(life, {
      ref,
      method,
      path,
      headers,
      text: `${url} ${JSON.stringify(headers)} ${body}`,
    });
    const isStep = path === "/registry/register" || path === "/registry/heartbeat";
    const ends = isStep ? this.#audit.begins(life, ref) : () => {};
    const ask = () => this.#answer(origin, { method, path, bearer: bearerOf(headers), body: content });

    return new Promise<TransportResponse>((resolve, reject) => {
      const cancels: (() => void)[] = [];
      let isSettled = false;
      const end = (settle: () => void) => {
        if (isSettled) return;
        isSettled = true;
        for (const cancel of cancels) cancel();
        ends();
        settle();
      };
      const fail = (code: string) => end(() => reject(Object.assign(new Error(code), { code })));
      const after = (ms: number, ring: () => void) => cancels.push(this.#clock.after(ms, ring));
      const sentAt = this.#clock.monotonic();
      const abort = () => {
        const waitedMs = this.#clock.monotonic() - sentAt;
        if (path === "/registry/register" && waitedMs < GRACE_MS)
          this.#audit.report("I2", `a registration was aborted after ${waitedMs} ms`);
        fail("ABORTED");
      };
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort);
      cancels.push(() => signal?.removeEventListener("abort", abort));
      after(timeoutMs, () => fail("TIMEOUT"));
      const fate = this.#nextFate(origin);
      if (fate.kind === "refused") return after(5, () => fail("ECONNREFUSED"));
      const answer = fate.kind === "answered" || fate.kind === "lost" ? ask() : failure(fate);
      if (fate.kind === "lost") return;
      after(fate.kind === "answered" ? fate.afterMs : 20, () =>
        end(() => {
          // From here on it is up to the runner.
          if (answer.isIssuing) life.reached.push(...this.#issuedIn(answer));
          const retryAfter = fate.kind === "limited" ? String(fate.seconds) : null;
          const get = (name: string) => (name === "retry-after" ? retryAfter : null);
          resolve({ status: answer.status, headers: { get }, text: JSON.stringify(answer.body) });
        }),
      );
    });
  }

  #answer(origin: string, question: Parameters<ModelPlatform["answer"]>[0]): Answer {
    const platform = this.platforms.get(origin);
    return platform === undefined ? { status: 404, body: {} } : platform.answer(question);
  }

  #issuedIn({ body }: Answer): IssuedToken[] {
    return this.#tokens.within(JSON.stringify(body));
  }

  #nextFate(origin: string): Fate {
    if (this.platforms.get(origin)?.isDown !== false) return { kind: "refused" };
    return this.#fates.get(origin)?.shift() ?? USUAL;
  }
}

function failure(fate: Exclude<Fate, { kind: "answered" | "lost" | "refused" }>): Answer {
  return fate.kind === "limited"
    ? { status: 429, body: { error: "rate limit exceeded" } }
    : { status: fate.status, body: { error: "failed" } };
}
