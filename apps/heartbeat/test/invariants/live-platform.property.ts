import type { Auth } from "@x/auth-core";
import type { PlatformClient } from "@x/platform-client";
import fc from "fast-check";
import { type VirtualClock, virtualClock } from "../virtual-clock.ts";
import { Audit, newLife } from "./audit.ts";
import type { Product } from "./load-product.ts";
import { ModelNetwork } from "./network.ts";
import { fates, type Operation } from "./operations.ts";
import { ModelPlatform } from "./platform.ts";
import { fail, onClock } from "./runner.property.ts";
import { describe, Tokens } from "./tokens.ts";
import { A, B } from "./world.ts";

const ID = "atlas";

type Route = "register" | "heartbeat" | "state" | "message";

type Step =
  | { readonly do: "configure"; readonly platformUrl: string | undefined }
  | {
      readonly do: "request";
      readonly at: string;
      readonly route: Route;
    }
  | { readonly do: "operator saves" | "revoke" | "heartbeat brings token"; readonly at: string }
  | { readonly do: "pass"; readonly ms: number }
  | (Operation & { readonly do: "fates" });

const of = <K extends string>(...names: K[]) => fc.constantFrom(...names);
const at = of(A, B);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: of("configure"), platformUrl: fc.constantFrom(A, B, A, B, undefined) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: of("request"), at, route: of("register", "heartbeat", "state", "message") }),
  },
  { weight: 1, arbitrary: fc.record({ do: of("operator saves", "revoke", "heartbeat brings token"), at }) },
  { weight: 4, arbitrary: fc.record({ do: of("pass"), ms: fc.constantFrom(1, 5, 30, 1_000, 9_000) }) },
  { weight: 1, arbitrary: fates },
);

/** Storage for a single token of any platform, with slow answers: a store that knows no audiences. */
class SharedStorage {
  readonly location = "shared storage";
  #stored: string | null = null;
  readonly #clock: VirtualClock;
  readonly #onReplace: (before: string | null, text: string) => void;

  constructor(clock: VirtualClock, onReplace: (before: string | null, text: string) => void) {
    this.#clock = clock;
    this.#onReplace = onReplace;
  }

  readonly read = async () => {
    await this.#wait();
    return this.#stored;
  };
  readonly write = async (text: string) => {
    await this.#wait();
    this.#stored = text;
  };
  readonly replace = async (expected: string | null, text: string) => {
    await this.#wait();
    if (this.#stored !== expected) return false;
    this.#onReplace(this.#stored, text);
    this.#stored = text;
    return true;
  };

  #wait(): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(3, resolve));
  }
}

/**
 * One `Auth` and a client for each of two platforms. The configured platform changes at any moment, and both share one
 * stored token. It only ever contains tokens that the platforms' answers or the operator provide, so the `Auth` can
 * know whom each is for.
 */
export const livePlatformProperty = (product: Product) =>
  fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40, size: "max" }), async (steps) => {
    const clock = virtualClock();
    const restore = onClock(clock);
    try {
      fail(await run(product, clock, steps));
    } finally {
      restore();
    }
  });

async function run(
  product: Product,
  clock: VirtualClock,
  steps: readonly Step[],
): Promise<readonly string[]> {
  const tokens = new Tokens();
  const audit = new Audit(tokens, clock.monotonic);
  const platforms = new Map([A, B].map((origin) => [origin, new ModelPlatform(origin, tokens)]));
  const network = new ModelNetwork({ platforms: [...platforms.values()], clock, audit, tokens });
  const life = newLife();
  const env: Record<string, string | undefined> = { PLATFORM_URL: A };
  const storage = new SharedStorage(clock, (before, text) => {
    // A token from an answer replaces none of another platform; an operator's may.
    const [replaced, token] = [tokens.find(before), tokens.find(text)];
    if (replaced !== undefined && replaced.ref.platformOrigin !== token?.ref.platformOrigin)
      audit.report("I1", `${describe(replaced)} was replaced by ${describe(token)}`);
  });
  const auth = product.createAuth({ storage, env, fallback: [] });
  const clients = new Map(
    [A, B].map((platformUrl) => {
      const transport = network.connect(life)(platformUrl, clock);
      const createClient = product.createPlatformClients({
        platformUrl,
        transport,
        clock,
        userAgent: "model/1",
      });
      return [platformUrl, createClient({ auth, workspaceId: ID })];
    }),
  );
  for (const each of steps) {
    const platform = "at" in each ? platforms.get(each.at) : undefined;
    const client = "at" in each ? clients.get(each.at) : undefined;
    if (each.do === "configure") env.PLATFORM_URL = each.platformUrl;
    else if (each.do === "pass") await clock.advance(each.ms);
    else if (each.do === "fates") network.setFates(each.at, each.fates);
    else if (each.do === "request") ask(client, each.route)?.catch(() => {});
    else if (each.do === "revoke") platform?.revoke(ID);
    else if (each.do === "heartbeat brings token") platform?.rotateWithHeartbeat(ID);
    else if (platform !== undefined) saveAsOperator(auth, platform).catch(() => {});
  }
  await clock.advance(60_000);
  // Everything else is up to the runner.
  return audit.violations.filter((violation) => violation.startsWith("I1"));
}

function ask(client: PlatformClient | undefined, route: Route): Promise<unknown> | undefined {
  if (route === "register") return client?.register({ agentCard: {} });
  if (route === "heartbeat") return client?.heartbeat();
  return route === "state" ? client?.state() : client?.sendMessage({ to: ID, text: "hi" });
}

async function saveAsOperator(auth: Auth, platform: ModelPlatform): Promise<void> {
  const { text } = platform.rotate(ID);
  await auth.saveToken(text, { platformOrigin: platform.origin });
}
