import { type Auth, createAuth, memoryTokenStorage } from "@x/auth-core";
import { createNodeAuth } from "@x/auth-node";
import { measure } from "mitata";
import { serveTasks } from "../children.ts";
import { type HeaderSource, type Identity, peerSources } from "../peers/tokens.ts";
import { pythonSource } from "../python.ts";
import { HEADERS } from "../row-names.ts";
import { interleave, type Rounds } from "../stats.ts";

/** Times the creation of one request's headers, in nanoseconds per call, by name. */
export interface HeadersTask {
  readonly rounds: number;
  /** For each row, in each round. */
  readonly milliseconds: number;
}

export type HeadersAnswer = {
  readonly nanoseconds: [string, readonly number[]][];
  /** Bytes allocated by one call; one sample. */
  readonly bytes: [string, readonly number[]][];
};

const IDENTITY: Identity = {
  token: "Zm9ydHktdGhyZWUtY2hhcmFjdGVycy1vZi1iYXNlNjR1",
  origin: "https://platform.example",
  orgId: "org-1",
};
const ID = "agent-7";
const OTHER_ID = "agent-8";
const ENV = { PLATFORM_URL: IDENTITY.origin, MOLECULE_ORG_ID: IDENTITY.orgId };

async function knowing(registered: number): Promise<Auth> {
  const auth = createAuth({ storage: memoryTokenStorage(IDENTITY.token), env: { ...ENV } });
  for (let index = 0; index < registered; index += 1) {
    auth.registerWorkspaceToken(`agent-${index}`, IDENTITY.token);
  }
  await auth.getToken();
  return auth;
}

async function sources(): Promise<Map<string, HeaderSource>> {
  const { token, origin, orgId } = IDENTITY;
  Object.assign(process.env, ENV, { MOLECULE_WORKSPACE_TOKEN: token });
  const [auth, few, many] = await Promise.all([knowing(10), knowing(10), knowing(100_000)]);
  const onEnv = createNodeAuth({ configsDir: "/nonexistent" });
  await onEnv.getToken();
  return new Map<string, HeaderSource>([
    [
      HEADERS.floor,
      async () => ({ Origin: origin, Authorization: `Bearer ${token}`, "X-Molecule-Org-Id": orgId }),
    ],
    [
      HEADERS.floorOnEnv,
      async () => ({
        Origin: process.env.PLATFORM_URL,
        Authorization: `Bearer ${token}`,
        "X-Molecule-Org-Id": process.env.MOLECULE_ORG_ID,
      }),
    ],
    [HEADERS.plain, () => auth.authHeaders()],
    [HEADERS.registered, () => auth.authHeaders(ID)],
    [HEADERS.source, () => auth.selfSourceHeaders(ID)],
    [HEADERS.ten, alternating(few)],
    [HEADERS.hundredThousand, alternating(many)],
    [HEADERS.onEnv, () => onEnv.authHeaders()],
    ...(await peerSources(IDENTITY)),
  ]);
}

/** Signs as two workspaces in turn: the last one is remembered, and not looked up again. */
function alternating(auth: Auth): HeaderSource {
  let calls = 0;
  return () => {
    calls += 1;
    return auth.authHeaders(calls % 2 === 0 ? ID : OTHER_ID);
  };
}

/** Warm-up: the JIT is done, and slow first calls do not make mitata reduce its batch size. */
async function warmUp(all: ReadonlyMap<string, HeaderSource>): Promise<void> {
  for (const source of all.values()) for (let call = 0; call < 20_000; call += 1) await source();
}

async function bytesPerCall(source: HeaderSource): Promise<number> {
  const calls = 10_000;
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let call = 0; call < calls; call += 1) await source();
  return (process.memoryUsage().heapUsed - before) / calls;
}

async function time({ rounds, milliseconds }: HeadersTask): Promise<Rounds> {
  const all = await sources();
  await warmUp(all);
  const python = await pythonSource(IDENTITY);
  const timed = new Map<string, () => Promise<number>>();
  for (const [name, source] of all) {
    timed.set(name, async () => {
      const { p50 } = await measure(source, { min_cpu_time: milliseconds * 1e6, gc: () => {} });
      return p50;
    });
  }
  if (python !== null) timed.set(HEADERS.python, python.nanosecondsPerCall);
  const measured = await interleave(timed, rounds);
  python?.stop();
  return measured;
}

serveTasks(async (task: HeadersTask): Promise<HeadersAnswer> => {
  const measured = await time(task);
  const bytes: [string, readonly number[]][] = [];
  const all = await sources();
  for (const name of [HEADERS.floor, HEADERS.ten, HEADERS.hundredThousand]) {
    const source = all.get(name);
    if (source !== undefined) bytes.push([name, [await bytesPerCall(source)]]);
  }
  return { nanoseconds: [...measured], bytes };
});
