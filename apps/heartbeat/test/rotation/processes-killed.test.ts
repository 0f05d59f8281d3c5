import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { heartbeat, startEmulatorProcess } from "../processes.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { killingProxy, type Moment } from "./killing-proxy.ts";

/** Set by `pnpm rotations`. Without it only the most important cases run: the others need no separate process. */
const KILLS = Number(process.env.ROTATION_KILLS ?? 0);
const ADMIN = { authorization: "Bearer local-admin" };
const REQUESTS = 6;

/** Every step in each of its ways, then random ones. */
function moments(count: number): Moment[] {
  const steps = Array.from({ length: REQUESTS }, (_, index) => index + 1);
  const each = steps.flatMap((request): Moment[] => [
    { request, when: "before" },
    { request, when: "committed" },
    { request, when: { afterMs: 0 } },
  ]);
  if (count === 0) return each.filter(({ request, when }) => request === 4 && when !== "before");
  const random = Array.from({ length: Math.max(0, count - each.length) }, (): Moment => {
    // The steps after the rotation's answer matter most.
    const request = Math.random() < 0.5 ? 4 : 1 + Math.floor(Math.random() * REQUESTS);
    return { request, when: { afterMs: Math.random() ** 2 * 400 } };
  });
  return [...each, ...random].slice(0, count);
}

interface Answer {
  readonly id: string;
  readonly connection: { readonly auth_token: string };
  readonly auth_token: string;
  readonly count: number;
}

async function call(url: string, path: string, headers: Record<string, string>, body?: object) {
  const method = body === undefined ? "GET" : "POST";
  const init = { method, headers: { ...headers, "content-type": "application/json" } };
  const response = await fetch(
    url + path,
    body === undefined ? init : { ...init, body: JSON.stringify(body) },
  );
  return { status: response.status, body: (await response.json()) as Answer };
}

it.each([
  ["revoked by a rotation", []],
  ["that survive a rotation", ["--api-tokens-survive"]],
])(
  "a process killed during a rotation leaves a live token, or the next one asks for an operator: API tokens %s",
  async (_how, flags) => {
    const survives = flags.length > 0;
    const url = await startEmulatorProcess(...flags, "--rate-limit", "1000000000");
    const configsDir = temporaryDirectory();
    let workspace = { id: "", token: "" };
    let strangers = 0;
    const knock = async () => {
      const card = { id: workspace.id, url: "", agent_card: { name: "stranger" }, delivery_mode: "poll" };
      const { status } = await call(url, "/registry/register", {}, card);
      if (status !== 401) strangers += 1;
    };
    const proxy = await killingProxy(url, knock);
    const isLive = async (token: string) =>
      (await call(url, `/workspaces/${workspace.id}/state`, { authorization: `Bearer ${token}` })).status ===
      200;
    const rotate = async (moment: Moment | null) => {
      const env = { PLATFORM_URL: proxy.url, WORKSPACE_ID: workspace.id, CONFIGS_DIR: configs };
      const child = heartbeat(["rotate"], env);
      proxy.watch(moment, () => child.child.kill("SIGKILL"));
      return { code: await child.ended, output: child.output() };
    };
    let configs = "";
    const ends = { live: 0, lockedOut: 0, notKilled: 0 };

    for (const [index, moment] of moments(KILLS / 2).entries()) {
      const created = await call(url, "/workspaces", ADMIN, {
        name: `ws-${index}`,
        external: true,
        runtime: "external",
        delivery_mode: "poll",
      });
      const { id, connection } = created.body;
      workspace = { id, token: connection.auth_token };
      configs = join(configsDir, String(index));
      mkdirSync(configs, { mode: 0o700 });
      writeFileSync(join(configs, ".auth_token"), workspace.token, { mode: 0o600 });
      const stored = () => readFileSync(join(configs, ".auth_token"), "utf8");
      // Another client's token, which neither run may revoke.
      const isShared = index % 10 === 9;
      const other = isShared
        ? (await call(url, `/admin/workspaces/${id}/tokens`, ADMIN, {})).body.auth_token
        : null;

      const killed = await rotate(moment);
      const isCommitted = proxy.forwarded.some((line) => line.endsWith("/external/rotate"));
      const where = `${JSON.stringify(moment)}: ${killed.output}`;
      if (killed.code !== "SIGKILL") ends.notKilled += 1;
      const wasStored = stored() !== workspace.token;
      const next = await rotate(null);
      expect(strangers, where).toBe(0);
      if (other !== null) {
        expect(next.code, next.output).toBe(1);
        expect(next.output).toContain("--revoke-others");
        expect(await isLive(other), where).toBe(true);
        expect(await isLive(stored()), where).toBe(true);
      } else if (next.code === 5) {
        expect(next.output).toContain("an operator must issue a token");
        expect([survives, isCommitted, wasStored], where).toEqual([false, true, false]);
        ends.lockedOut += 1;
      } else {
        expect(next.code, where + next.output).toBe(0);
        expect(stored()).not.toBe(workspace.token);
        expect(await isLive(stored()), where).toBe(true);
        expect(await isLive(workspace.token), where).toBe(false);
        const tokens = await call(url, `/workspaces/${id}/tokens`, { authorization: `Bearer ${stored()}` });
        expect(tokens.body.count, where).toBe(1);
        ends.live += 1;
      }
      await knock();
      expect(strangers, where).toBe(0);
    }
    if (KILLS > 0) console.log(`${_how}: ${JSON.stringify(ends)}`);
    expect(ends.live + ends.lockedOut).toBeGreaterThan(0);
  },
  KILLS > 0 ? 3_600_000 : 120_000,
);
