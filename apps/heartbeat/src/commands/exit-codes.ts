/**
 * - `ok`: all is well
 * - `problem`: a problem was found
 * - `usage`: the configuration or the command line cannot be used
 * - `unsaved`: a token that the platform issued is lost with this process
 */
export const EXIT = { ok: 0, problem: 1, usage: 2, unsaved: 4 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
