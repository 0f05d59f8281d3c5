import { describe, expect, it } from "vitest";
import { replyWith } from "../test/support/reply.ts";
import { outcomeFor, type RouteGroup } from "./breaker-outcome.ts";
import { classify, noAnswer, notSent } from "./classify.ts";

const own = { isPlatformLimit: true, isOwnBucket: true };
const shared = { isPlatformLimit: true, isOwnBucket: false };
const none = { isPlatformLimit: false, isOwnBucket: true };

function health(group: RouteGroup, status: number, by = none, body: unknown = {}) {
  const failure = classify(replyWith(status, body), { workspaceId: "a", secrets: [] });
  return outcomeFor(group, failure, by).health;
}

describe("the effect of a request's outcome on the platform's health", () => {
  it("any response but 5xx and 429, including a 401, shows that it works", () => {
    for (const status of [200, 302, 400, 401, 403, 404, 410])
      expect(health("registry", status)).toBe("works");
    expect(health("registry", 500, none, { error: "failed to update" })).toBe("works");
  });

  it("5xx and 429 are failures of those routes; for a message, they may come from the receiver", () => {
    for (const status of [429, 500, 503]) {
      expect([health("registry", status), health("workspaces", status), health("messages", status)]).toEqual([
        "fails",
        "fails",
        "unknown",
      ]);
    }
  });

  it("a limit on the bearer affects that workspace only, one on the tenant or the address all workspaces", () => {
    expect([health("registry", 429, own), health("workspaces", 429, own)]).toEqual(["limited", "limited"]);
    expect([health("registry", 429, shared), health("workspaces", 429, shared)]).toEqual(["fails", "fails"]);
    expect(health("messages", 429, shared)).toBe("limited");
  });

  it("a missing response is an outage, but a timeout concerns its route only", () => {
    const unreachable = noAnswer({ code: "ECONNREFUSED" }, []);
    const late = noAnswer({ code: "TIMEOUT" }, []);
    expect(outcomeFor("messages", unreachable, none).health).toBe("unreachable");
    expect(outcomeFor("registry", late, none).health).toBe("fails");
    expect(outcomeFor("workspaces", late, none).health).toBe("fails");
    expect(outcomeFor("messages", late, none).health).toBe("unknown");
  });

  it("a request that was not sent has no effect", () => {
    expect(outcomeFor("registry", notSent("invalid", "PLATFORM_CHANGED", ""), none).health).toBe("unknown");
    expect(outcomeFor("registry", notSent("aborted", "ABORTED", ""), none).health).toBe("unknown");
  });
});
