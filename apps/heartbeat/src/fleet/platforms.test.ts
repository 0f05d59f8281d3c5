import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { DEFAULT_TIMING } from "../config/timing.ts";
import { Platforms } from "./platforms.ts";

function platforms(connected: string[] = []): Platforms {
  return new Platforms({
    clock: systemClock(),
    timing: DEFAULT_TIMING,
    userAgent: "test/1",
    connect(platformUrl) {
      connected.push(platformUrl);
      return { request: () => Promise.reject(new Error()), close: async () => {} };
    },
  });
}

it("shares connections, breaker and limit between all spellings of a platform", () => {
  const connected: string[] = [];
  const all = platforms(connected);
  const shared = all.at("https://platform.example");
  for (const url of [
    "https://platform.example/",
    "https://Platform.Example:443",
    " https://platform.example//",
  ])
    expect(all.at(url)).toBe(shared);
  expect(connected).toEqual(["https://platform.example"]);
});

it("keeps platforms of one host apart by port, scheme and path", () => {
  const all = platforms();
  const urls = ["https://a.example", "http://a.example", "https://a.example:8443", "https://a.example/b"];
  expect(new Set(urls.map((url) => all.at(url))).size).toBe(urls.length);
});

it("pauses its workspaces by the same breaker that their requests go through", async () => {
  const platformUrl = "https://platform.example";
  const { createClient, pauseMs } = platforms().at(platformUrl);
  const auth = createAuth({ storage: memoryTokenStorage(), platformUrl });
  const client = createClient({ auth, workspaceId: "atlas" });
  for (let failure = 1; failure <= 3; failure += 1) {
    expect(pauseMs()).toBe(0);
    expect(await client.workspace()).toMatchObject({ ok: false });
  }
  expect(pauseMs()).toBeGreaterThan(4_000);
});
