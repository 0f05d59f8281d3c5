import { asAuthError } from "./errors.ts";
import type { Emit } from "./events.ts";
import type { Env } from "./headers.ts";
import { type Candidate, choose, type Rejections, type SourceKind } from "./resolution.ts";
import type { Awaitable, TokenStorage } from "./storage.ts";
import { checkToken, cleanText, redactToken } from "./token.ts";

const TOKEN_VARIABLE = "MOLECULE_WORKSPACE_TOKEN";

/**
 * How many rejected tokens and disagreeing pairs are remembered; beyond that the oldest is forgotten. A source holds one
 * token at a time, so a few do; and of a fleet every workspace remembers its own.
 */
const MEMORY = 10;

/** The single-workspace token: the cache, the token not yet stored, the rejected ones, and their races. */
export interface TokenKeeper {
  readonly rejections: Rejections;
  /** The cached token, without asking anybody. */
  cached(): string | null;
  get(): Promise<string | null>;
  refresh(): Promise<string | null>;
  save(text: string): Promise<void>;
  reject(text: string): void;
  /** Forgets the cache; what cannot be had again (an unsaved token) stays. */
  drop(): void;
  /** What the cache and every source hold now. Changes nothing and tells nobody. */
  inspect(): Promise<{ cached: Candidate; sources: Candidate[] }>;
}

export function createTokenKeeper(storage: TokenStorage, env: Env, emit: Emit): TokenKeeper {
  let cache: string | null = null;
  /** Asked to be stored, and not stored (yet). Usable at once, because it may be the only copy there is. */
  let unsaved: string | null = null;
  /** The last write did not succeed: what can be read now may still not be stored for good. */
  let mustWrite = false;
  /** Goes up whenever an answer that is under way has become too old to be kept. */
  let generation = 0;
  let flight: Promise<string | null> | null = null;
  let lastSave: Promise<void> = Promise.resolve();
  let saves = 0;
  const rejections = new Map<string, number>();
  const disagreements = new Map<string, true>();

  const fromStorage = () => ask("storage", storage.location, () => storage.read());
  const fromEnv = () => ask("env", TOKEN_VARIABLE, () => env[TOKEN_VARIABLE]);
  const fromUnsaved = (): Candidate => ({ source: "unsaved", location: "memory", token: unsaved });

  async function resolve(): Promise<string | null> {
    // A token that nobody refused and that only memory has goes first whatever the storage says.
    if (unsaved && !rejections.has(unsaved)) {
      cache = unsaved;
      return unsaved;
    }
    const started = generation;
    const stored = await fromStorage();
    const variable = await fromEnv();
    // Saved, refreshed or dropped meanwhile: what was read may be older than what is known now.
    if (generation !== started) return get();
    const token = choose([fromUnsaved(), stored, variable], rejections)?.token ?? null;
    cache = token;
    // Last, because the listener may call back and change what was just set.
    report(stored, variable);
    return token;
  }

  function report(stored: Asked<"storage">, variable: Asked<"env">): void {
    for (const { source, location, error } of [stored, variable] as const) {
      if (error) emit({ type: "source-failed", source, location, error });
    }
    if (!stored.token || !variable.token || stored.token === variable.token) return;
    const pair = `${stored.token}\n${variable.token}`;
    if (disagreements.has(pair)) return;
    remember(disagreements, pair, true);
    emit({
      type: "sources-disagree",
      location: stored.location,
      stored: redactToken(stored.token),
      variable: redactToken(variable.token),
    });
  }

  /** Starts a flight of its own, and lets those who come while it lasts share it. */
  function fly(): Promise<string | null> {
    const started = generation;
    const own: Promise<string | null> = resolve().finally(() => {
      if (flight === own) flight = null;
    });
    // A storage that tells of a change while it is asked has already made this flight too old to share; sharing it
    // with itself would never end.
    if (generation === started) flight = own;
    return own;
  }

  async function get(): Promise<string | null> {
    return cache ?? flight ?? fly();
  }

  function drop(): void {
    generation += 1;
    cache = null;
    flight = null;
  }

  async function write(token: string, turn: number): Promise<void> {
    const { location } = storage;
    const started = generation;
    // What counts is what is stored, not what is cached: the file may be gone, or the token known from elsewhere.
    mustWrite ||= (await fromStorage()).token !== token;
    const written = mustWrite;
    try {
      if (written) await storage.write(token);
      mustWrite = false;
    } catch (failure) {
      const what = `The token cannot be stored in ${location}, and stays in memory`;
      const error = asAuthError(failure, "STORAGE_WRITE_FAILED", what);
      emit({ type: "save-failed", location, token: redactToken(token), error });
      throw error;
    }
    // Of several saves the last one counts, and it may still be waiting (perhaps with the same token again).
    if (turn === saves) {
      drop();
      unsaved = null;
      // Another drop since then: somebody else may have stored another one while this one was being flushed.
      if (generation === started + 1 && !rejections.has(token)) cache = token;
    }
    emit({ type: "token-saved", location, token: redactToken(token), written });
  }

  return {
    rejections,
    cached: () => cache,
    get,
    refresh() {
      drop();
      return fly();
    },
    async save(text) {
      const token = checkToken(text);
      rejections.delete(token);
      drop();
      unsaved = token;
      saves += 1;
      const turn = saves;
      const save = lastSave.then(() => write(token, turn));
      lastSave = save.catch(() => {});
      return save;
    },
    reject(text) {
      const token = cleanText(text);
      if (!token) return;
      const count = rejections.get(token) ?? 0;
      // Many requests may come back refused with one token; only the first of them says something new.
      if (count && cache !== token) return;
      remember(rejections, token, count + 1);
      // A read that just ended with this token is not to be shared any more, either.
      if (cache === token) drop();
      emit({ type: "token-rejected", token: redactToken(token) });
    },
    drop,
    async inspect() {
      const stored = await fromStorage();
      return {
        cached: { source: "cache", location: "memory", token: cache },
        sources: [fromUnsaved(), stored, await fromEnv()],
      };
    },
  };
}

type Asked<S extends SourceKind> = Candidate & { readonly source: S };

/** What a source holds now; one that cannot be asked, or whose answer cannot be sent, has failed. */
async function ask<S extends SourceKind>(
  source: S,
  location: string,
  read: () => Awaitable<string | null | undefined>,
): Promise<Asked<S>> {
  try {
    const text = cleanText(await read());
    return { source, location, token: text && checkToken(text) };
  } catch (failure) {
    const error = asAuthError(failure, "STORAGE_READ_FAILED", `${location} cannot be read`);
    return { source, location, token: null, error };
  }
}

function remember<V>(memory: Map<string, V>, key: string, value: V): void {
  memory.set(key, value);
  const [oldest] = memory.keys();
  if (memory.size > MEMORY && oldest) memory.delete(oldest);
}
