import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { workspaceId } from "@x/emulator";
import { describe, expect, it } from "vitest";
import { directoryOf, own, shared, startFleet } from "./fleet-scene.ts";
import { A, B, C, D } from "./ids.ts";
import { recordingProxy } from "./recording-proxy.ts";
import { startPlatform } from "./support/platform.ts";

const tokenFile = (configsDir: string, url: string, id: string) =>
  join(directoryOf(configsDir, url, id), ".auth_token");

describe("a fleet", () => {
  it("keeps each workspace's issued token in its own file, 0600, and uses it after a restart", async () => {
    const emulator = await startPlatform();
    const { url } = emulator;
    const { configsDir, more, stop } = await startFleet([shared(A, url), shared(B, url)]);
    await more(2, A, B);
    const [a = "", b = ""] = [A, B].map((id) => tokenFile(configsDir, url, id));
    expect(await readFile(a, "utf8")).not.toBe(await readFile(b, "utf8"));
    expect((await stat(a)).mode & 0o777).toBe(0o600);
    expect((await stat(join(a, ".."))).mode & 0o777).toBe(0o700);
    await stop();
    const before = emulator.requests.length;
    const again = await startFleet([shared(A, url), shared(B, url)], { configsDir });
    await again.more(1, A, B);
    const since = emulator.requests.slice(before);
    expect(since.every(({ status, headers }) => status === 200 && headers.authorization)).toBe(true);
  });

  it("uses the list's token, and sends the tenant only to its own platform", async () => {
    const [first, second] = [await startPlatform(), await startPlatform()];
    const workspaces = [shared(A, first.url, first.issue(A)), own(B, second.url, second.issue(B))];
    const { more } = await startFleet(workspaces, { env: { MOLECULE_ORG_ID: "org-1" } });
    await more(2, A, B);
    expect(first.requests.every(({ headers }) => headers["x-molecule-org-id"] === "org-1")).toBe(true);
    expect(second.requests.every(({ headers }) => headers["x-molecule-org-id"] === undefined)).toBe(true);
    const rejected = [...first.requests, ...second.requests].filter(({ status }) => (status ?? 0) >= 401);
    expect(rejected).toEqual([]);
  });

  it("sends not a single byte of one platform's secrets to another", async () => {
    const emulators = [await startPlatform(), await startPlatform()];
    const sides = await Promise.all(
      emulators.map(async (emulator, index) => {
        const proxy = await recordingProxy(emulator.url);
        const id = workspaceId(`workspace-of-side-${index}`);
        return { emulator, proxy, id, token: emulator.issue(id) };
      }),
    );
    const ids = sides.map(({ id }) => id);
    const { more, configsDir } = await startFleet(
      sides.map(({ id, proxy, token }) => own(id, proxy.url, token)),
    );
    await more(3, ...ids);
    const secrets = new Map(sides.map(({ id, token }) => [id, [token]]));
    for (const { emulator, id, proxy } of sides) {
      const rotated = emulator.rotate(id);
      const file = tokenFile(configsDir, proxy.url, id);
      await mkdir(join(file, ".."), { recursive: true });
      await writeFile(file, rotated);
      secrets.get(id)?.push(rotated);
    }
    await more(3, ...ids);
    const [one, other] = sides;
    for (const [mine, theirs] of [[one, other] as const, [other, one] as const]) {
      if (mine === undefined || theirs === undefined) throw new Error("two sides");
      const received = mine.proxy.received();
      for (const secret of secrets.get(mine.id) ?? []) expect(received.includes(secret)).toBe(true);
      for (const secret of secrets.get(theirs.id) ?? []) expect(received.includes(secret)).toBe(false);
      expect(received).not.toContain(theirs.id);
      expect(received).not.toContain(new URL(theirs.proxy.url).host);
    }
  });

  it("applies a changed list without touching the workspaces that stay", async () => {
    const emulator = await startPlatform();
    const { url } = emulator;
    const { fleet, more, events } = await startFleet([shared(A, url), shared(B, url), shared(C, url)]);
    await more(1, A, B, C);
    const rotated = emulator.rotate(C);
    const changes = await fleet.apply([shared(A, url), shared(C, url, rotated), shared(D, url)]);
    expect(changes).toEqual({ added: [D], removed: [B], moved: [], rotated: [C] });
    const before = emulator.requests.length;
    await Promise.all([more(2, A, C), more(1, D)]);
    const since = emulator.requests.slice(before).filter(({ path }) => path.startsWith("/registry/"));
    // The rotated token is used with the next request, without a 401.
    expect(since.filter(({ status }) => status !== 200)).toEqual([]);
    expect(
      since.filter(({ path }) => path.endsWith("/register")).map(({ workspaceId }) => workspaceId),
    ).toEqual([D]);
    expect(since.filter(({ workspaceId }) => workspaceId === B).length).toBeLessThanOrEqual(1);
    expect(events.filter(({ type }) => type === "failed")).toEqual([]);
  });

  it("shows the status of each workspace", async () => {
    const { url } = await startPlatform();
    const { fleet, more } = await startFleet([shared(A, url), shared(B, "http://127.0.0.1:9")]);
    await more(1, A);
    const statusOf = (id: string) => fleet.workspaces().find((workspace) => workspace.id === id);
    await expect.poll(() => statusOf(B)?.failure).toBeTruthy();
    await expect.poll(() => statusOf(A)?.platformStatus).toBe("online");
    expect(fleet.workspaces()).toMatchObject([
      { id: A, state: { phase: "alive" }, failure: null, unsaved: false, platformStatus: "online" },
      { id: B, state: { phase: "registering" }, lastHeartbeatAt: null },
    ]);
  });
});
