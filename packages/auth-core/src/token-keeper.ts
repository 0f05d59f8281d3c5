import { asAuthError } from "./errors.ts";
import type { Emit } from "./events.ts";
import type { Env } from "./headers.ts";
import { type Candidate, choose, type Rejections } from "./resolution.ts";
import type { TokenStorage } from "./storage.ts";
import { checkToken, cleanToken, redactToken } from "./token.ts";

const TOKEN_VARIABLE = "MOLECULE_WORKSPACE_TOKEN";

/** How many rejected tokens and disagreeing pairs are remembered; beyond that the oldest is forgotten. */
const MEMORY = 100;

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
  /** Goes up whenever an answer that is under way has become too old to be kept. */
  let generation = 0;
  let flight: Promise<string | null> | null = null;
  let lastSave: Promise<void> = Promise.resolve();
  let saves = 0;
  const rejections = new Map<string, number>();
  const disagreements = new Map<string, true>();

  async function fromStorage(): Promise<Candidate> {
    const { location } = storage;
    try {
      const stored = cleanToken(await storage.read());
      return { source: "storage", location, token: stored === null ? null : checkToken(stored) };
    } catch (error) {
      const what = `What is stored in ${location} cannot be read`;
      return {
        source: "storage",
        location,
        token: null,
        error: asAuthError(error, "STORAGE_READ_FAILED", what),
      };
    }
  }

  function fromEnv(): Candidate {
    const location = TOKEN_VARIABLE;
    try {
      const value = cleanToken(env[TOKEN_VARIABLE]);
      return { source: "env", location, token: value === null ? null : checkToken(value) };
    } catch (error) {
      return { source: "env", location, token: null, error: asAuthError(error, "INVALID_TOKEN", location) };
    }
  }

  const fromUnsaved = (): Candidate => ({ source: "unsaved", location: "memory", token: unsaved });

  async function resolve(): Promise<string | null> {
    // A token that nobody refused and that only memory has goes first whatever the storage says.
    if (unsaved !== null && !rejections.has(unsaved)) {
      cache = unsaved;
      return unsaved;
    }
    const started = generation;
    const stored = await fromStorage();
    // Saved, refreshed or dropped meanwhile: what was read may be older than what is known now.
    if (generation !== started) return get();
    const variable = fromEnv();
    const token = choose([fromUnsaved(), stored, variable], rejections)?.token ?? null;
    cache = token;
    // Last, because the listener may call back and change what was just set.
    report(stored, variable);
    return token;
  }

  function report(stored: Candidate, variable: Candidate): void {
    for (const { source, location, error } of [stored, variable]) {
      if (error !== undefined && (source === "storage" || source === "env")) {
        emit({ type: "source-failed", source, location, error });
      }
    }
    if (stored.token === null || variable.token === null || stored.token === variable.token) return;
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
    let written = false;
    try {
      // What counts is what is stored, not what is cached: the file may be gone, or the token known from elsewhere.
      if ((await fromStorage()).token !== token) {
        await storage.write(token);
        written = true;
      }
    } catch (failure) {
      const what = `The token cannot be stored in ${location}, and stays usable in memory`;
      const error = asAuthError(failure, "STORAGE_WRITE_FAILED", what);
      emit({ type: "save-failed", location, token: redactToken(token), error });
      throw error;
    }
    // Of several saves the last one counts, and it may still be waiting (perhaps with the same token again).
    if (turn === saves) {
      drop();
      unsaved = null;
      if (!rejections.has(token)) cache = token;
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
      const token = cleanToken(text);
      if (token === null) return;
      const count = rejections.get(token) ?? 0;
      // Many requests may come back refused with one token; only the first of them says something new.
      if (count > 0 && cache !== token) return;
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
        sources: [fromUnsaved(), stored, fromEnv()],
      };
    },
  };
}

function remember<V>(memory: Map<string, V>, key: string, value: V): void {
  memory.set(key, value);
  if (memory.size <= MEMORY) return;
  for (const oldest of memory.keys()) {
    memory.delete(oldest);
    break;
  }
}
