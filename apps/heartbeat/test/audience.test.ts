import type { Emulator } from "@x/emulator";
import { describe, expect, it } from "vitest";
import { own, registryRequests, shared, startFleet, storedToken } from "./fleet-scene.ts";
import { holdAnswers } from "./held-answers.ts";
import { A, ATLAS } from "./ids.ts";
import { carries, startPlatform } from "./support/platform.ts";

const never = (emulator: Emulator, token: string) =>
  emulator.requests.every((request) => !carries(request, token));
const noneRejected = ({ requests }: Emulator) => requests.every(({ status }) => status !== 401);

describe("a workspace that moves to another platform", () => {
  it("never sends its old token there, keeps it, and uses it again without a 401", async () => {
    const [a, b] = [await startPlatform(), await startPlatform()];
    const { fleet, configsDir, more } = await startFleet([own(ATLAS, a.url)]);
    await more(2, ATLAS);
    const tokenOfA = (await storedToken(configsDir, a.url, ATLAS)) ?? "";
    expect((await fleet.apply([own(ATLAS, b.url)])).moved).toEqual([ATLAS]);
    await more(2, ATLAS);
    const tokenOfB = (await storedToken(configsDir, b.url, ATLAS)) ?? "";
    expect(await storedToken(configsDir, a.url, ATLAS)).toBe(tokenOfA);
    await fleet.apply([own(ATLAS, a.url)]);
    await more(2, ATLAS);
    expect([tokenOfA, tokenOfB].every((token) => token.length === 43)).toBe(true);
    expect([never(a, tokenOfB), never(b, tokenOfA), noneRejected(a), noneRejected(b)]).toEqual(
      Array(4).fill(true),
    );
    expect(carries(registryRequests(a, ATLAS).at(-1), tokenOfA)).toBe(true);
    expect(a.workspaces()).toMatchObject([{ liveTokens: 1 }]);
  });

  it("while it registers at the old one keeps the tokens of both apart", async () => {
    const [a, b] = [await startPlatform(), await startPlatform()];
    const answers = holdAnswers();
    const registration = answers.hold("/registry/register");
    const { connect } = answers;
    const { fleet, configsDir, more } = await startFleet([own(ATLAS, a.url)], { connect });
    await registration.arrived;
    await fleet.apply([own(ATLAS, b.url)]);
    await more(2, ATLAS);
    const tokenOfB = (await storedToken(configsDir, b.url, ATLAS)) ?? "";
    expect(await storedToken(configsDir, a.url, ATLAS)).toBeNull();
    registration.release();
    await expect.poll(() => storedToken(configsDir, a.url, ATLAS)).toHaveLength(43);
    const tokenOfA = (await storedToken(configsDir, a.url, ATLAS)) ?? "";
    await more(2, ATLAS);
    expect(await storedToken(configsDir, b.url, ATLAS)).toBe(tokenOfB);
    expect([a, b].map((emulator) => emulator.workspaces()[0]?.tokenPrefix)).toEqual([
      tokenOfA.slice(0, 8),
      tokenOfB.slice(0, 8),
    ]);
    expect([never(b, tokenOfA), never(a, tokenOfB), noneRejected(b)]).toEqual([true, true, true]);
    expect(registryRequests(a, ATLAS)).toHaveLength(1);
  });

  it("does not send it the token of its former list entry", async () => {
    const [a, b] = [await startPlatform(), await startPlatform()];
    const token = a.issue(ATLAS);
    const { fleet, more } = await startFleet([own(ATLAS, a.url, token)]);
    await more(1, ATLAS);
    await fleet.apply([own(ATLAS, b.url)]);
    await more(2, ATLAS);
    expect(never(b, token)).toBe(true);
  });
});

describe("the platform of a fleet", () => {
  it.each([
    ["a slash at its end", (url: string) => `${url}/`],
    ["upper case", (url: string) => url.replace("http", "HTTP").replace("localhost", "LocalHost")],
    ["a path", (url: string) => `${url}/.`],
  ])("that is spelt differently, with %s, keeps its workspaces' tokens", async (_, respelt) => {
    const emulator = await startPlatform();
    const url = emulator.url.replace("127.0.0.1", "localhost");
    const { fleet, configsDir, more } = await startFleet([shared(A, url)]);
    await more(1, A);
    const token = (await storedToken(configsDir, url, A)) ?? "";
    const before = emulator.requests.length;
    await fleet.apply([shared(A, respelt(url))]);
    await more(2, A);
    const since = emulator.requests.slice(before).filter(({ headers }) => headers.authorization);
    expect(since.every((request) => request.status === 200 && carries(request, token))).toBe(true);
    expect(await storedToken(configsDir, url, A)).toBe(token);
    expect(emulator.workspaces()).toMatchObject([{ id: A, liveTokens: 1 }]);
  });

  it("may change between starts and back, in the same directory, without a 401", async () => {
    const [a, b] = [await startPlatform(), await startPlatform()];
    let configsDir: string | undefined;
    for (const { url } of [a, b, a, b]) {
      const run = await startFleet([shared(ATLAS, url)], configsDir === undefined ? {} : { configsDir });
      configsDir = run.configsDir;
      await run.more(2, ATLAS);
      await run.stop();
    }
    for (const emulator of [a, b]) {
      expect(noneRejected(emulator)).toBe(true);
      expect(emulator.workspaces()).toMatchObject([{ id: ATLAS, liveTokens: 1 }]);
    }
  });
});
