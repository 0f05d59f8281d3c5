/** Row names shared between two processes. */
export const HEADERS = {
  floor: "an async function that returns a fresh object",
  floorOnEnv: "a fresh object, its environment variables from process.env",
  plain: "authHeaders()",
  registered: "authHeaders(id)",
  source: "selfSourceHeaders(id)",
  ten: "authHeaders(id), 10 registered",
  hundredThousand: "authHeaders(id), 100,000 registered",
  onEnv: "authHeaders() on process.env (createNodeAuth)",
  python: "python: a plain function by the same rules",
} as const;

export const SAVE = {
  floor: "bare system calls, none of which blocks the process",
  fsyncOnly: "bare system calls, of which only fsync does not block the process",
  blocking: "bare system calls, all of which block the process",
  write: "fileTokenStorage().write(token)",
  save: "createNodeAuth().saveToken(token)",
} as const;

export const READ = {
  floor: "readFile and trim",
  read: "fileTokenStorage().read()",
  cold: "createNodeAuth().refreshCache()",
} as const;

export const SHARED = {
  files: "the runner's fleet, without a store",
  store: "the runner's fleet, with a store that machines share",
} as const;

export const STORE = {
  floor: "a bare UPDATE of the same row (pg)",
  replace: "postgresTokenStore: replace(expected, token)",
  write: "postgresTokenStore: write(token)",
  readFloor: "a bare SELECT of the same row (pg)",
  read: "postgresTokenStore: read()",
} as const;
