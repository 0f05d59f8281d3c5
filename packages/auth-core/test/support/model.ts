import fc from "fast-check";
import { expect } from "vitest";
import type { Auth } from "../../src/auth.ts";
import type { TestStorage } from "./storage.ts";
import { allTokens } from "./tokens.ts";

/** An `Auth`'s state as plain data. */
export interface Model {
  stored: string | null;
  fromEnv: string | null;
  readable: boolean;
  writable: boolean;
  readonly watching: boolean;
  cache: string | null;
  unsaved: string | null;
  /** The last write failed: which token is durable is unknown. */
  mustWrite: boolean;
  readonly rejections: Map<string, number>;
  readonly workspaces: Map<string, string>;
}

export interface Real {
  readonly auth: Auth;
  readonly storage: TestStorage;
  readonly env: Record<string, string | undefined>;
}

export function memoryModel(stored: string | null, fromEnv: string | null, watching: boolean): Model {
  const nothing = {
    cache: null,
    unsaved: null,
    mustWrite: false,
    rejections: new Map(),
    workspaces: new Map(),
  };
  return { stored, fromEnv, watching, readable: true, writable: true, ...nothing };
}

/** The cached token, else the least rejected one, in order. */
function resolve(model: Model): string | null {
  const stored = model.readable ? model.stored : null;
  const present = [model.unsaved, stored, model.fromEnv].filter((token) => token !== null);
  const countOf = (token: string) => model.rejections.get(token) ?? 0;
  model.cache ??= present.find((token) => countOf(token) === Math.min(...present.map(countOf))) ?? null;
  return model.cache;
}

type Step = fc.AsyncCommand<Model, Real>;

function step(name: string, run: (model: Model, real: Real) => unknown): Step {
  return {
    check: () => true,
    run: async (model, real) => void (await run(model, real)),
    toString: () => name,
  };
}

const same = async (answer: Promise<string | null>, model: Model) =>
  expect(await answer).toBe(resolve(model));

const get = step("get", (model, { auth }) => same(auth.getToken(), model));

const refresh = step("refresh", (model, { auth }) => {
  model.cache = null;
  return same(auth.refreshCache(), model);
});

const save = (token: string) =>
  step(`save ${token}`, async (model, { auth, storage }) => {
    const writes = storage.writes.length;
    const outcome = await auth.saveToken(token).then(
      () => "saved",
      (error) => error.code,
    );
    const needed = model.mustWrite || !model.readable || model.stored !== token;
    const saved = !needed || model.writable;
    model.mustWrite = !saved;
    if (saved) model.stored = token;
    model.unsaved = saved ? null : token;
    model.rejections.delete(token);
    // Watchers are notified of this write as of any other.
    model.cache = saved && needed && model.watching ? null : token;
    expect(outcome).toBe(saved ? "saved" : "STORAGE_WRITE_FAILED");
    expect(storage.stored).toBe(model.stored);
    expect(storage.writes.length - writes).toBe(needed ? 1 : 0);
  });

const reject = (token: string) =>
  step(`reject ${token}`, (model, { auth }) => {
    auth.rejectToken(token);
    const count = model.rejections.get(token) ?? 0;
    if (count === 0 || model.cache === token) model.rejections.set(token, count + 1);
    if (model.cache === token) model.cache = null;
  });

const clear = step("clear", (model, { auth }) => {
  auth.clearCache();
  model.cache = null;
  model.workspaces.clear();
});

const storeElsewhere = (token: string | null) =>
  step(`another process stores ${token}`, (model, { storage }) => {
    storage.change(token);
    model.stored = token;
    if (model.watching) model.cache = null;
  });

const setVariable = (token: string | null) =>
  step(`environment variable ${token}`, (model, { env }) => {
    env.MOLECULE_WORKSPACE_TOKEN = token ?? undefined;
    model.fromEnv = token;
  });

const permit = (readable: boolean, writable: boolean) =>
  step(`readable ${readable}, writable ${writable}`, (model, { storage }) => {
    storage.readFailure = readable ? undefined : new Error("not readable");
    storage.writeFailure = writable ? undefined : new Error("not writable");
    Object.assign(model, { readable, writable });
  });

const register = (id: string, token: string) =>
  step(`register ${id} ${token}`, (model, { auth }) => {
    auth.registerWorkspaceToken(id, token);
    model.workspaces.set(id, token);
    expect(auth.listRegisteredWorkspaces()).toStrictEqual([...model.workspaces.keys()]);
    expect(auth.getWorkspaceToken(id)).toBe(token);
  });

const headers = (id: string | null) =>
  step(`headers ${id}`, async (model, { auth }) => {
    const token = model.workspaces.get(id ?? "") ?? resolve(model);
    expect(await auth.authHeaders(id)).toStrictEqual(
      token === null ? {} : { Authorization: `Bearer ${token}` },
    );
  });

const explain = (id: string | null) =>
  step(`explain ${id}`, async (model, { auth }) => {
    const { used, sources } = await auth.explain(id);
    const own = model.workspaces.get(id ?? "");
    const token = own ?? resolve({ ...model });
    expect(used === null).toBe(token === null);
    expect(used === "workspace").toBe(own !== undefined);
    const chosen = sources.find(({ state }) => state === "used");
    expect(chosen?.source ?? null).toBe(used);
    expect(chosen?.token?.slice(0, 4)).toBe(token?.slice(0, 4));
    expect(sources.find(({ source }) => source === "storage")?.state === "failed").toBe(!model.readable);
  });

// Few tokens and ids, so that they collide.
const token = fc.constantFrom(...allTokens.slice(0, 3));
const maybeToken = fc.option(token);
const id = fc.constantFrom("a", "b");
const maybeId = fc.constantFrom(null, "a", "b", "c");

export const steps: fc.Arbitrary<Step>[] = [
  fc.constant(get),
  fc.constant(refresh),
  token.map(save),
  token.map(reject),
  fc.constant(clear),
  maybeToken.map(storeElsewhere),
  maybeToken.map(setVariable),
  fc.tuple(fc.boolean(), fc.boolean()).map(([readable, writable]) => permit(readable, writable)),
  fc.tuple(id, token).map(([each, own]) => register(each, own)),
  maybeId.map(headers),
  maybeId.map(explain),
];
