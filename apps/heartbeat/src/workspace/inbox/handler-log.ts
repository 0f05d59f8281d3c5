import { type Auth, redactToken } from "@x/auth-core";
import { printable } from "@x/platform-client";
import type { JobContext } from "../jobs/job.ts";
import { reasonOf } from "./handle.ts";

/** Limits on a handler's output, so that it cannot flood the runner's log. */
const MAX_LINES = 200;
const MAX_LENGTH = 1_000;

/** The form of a token: 32 bytes in unpadded base64url. A handler may have found another workspace's. */
const TOKEN_FORM = /(?<![\w-])[\w-]{43}(?![\w-])/g;

/** Makes a handler's output safe for the log: one line, bounded, without tokens. */
export type CleanWords = (text: string) => string;

export async function wordsCleaner(auth: Pick<Auth, "getToken">): Promise<CleanWords> {
  const token = await auth.getToken().catch(() => null);
  const secrets = token === null ? [] : [token];
  return (text) =>
    printable(text, { secrets, maxLength: MAX_LENGTH }).replace(TOKEN_FORM, (form) => redactToken(form));
}

/** Collects a handler's output for the log, line by line. */
export function handlerLog(clean: CleanWords, emit: JobContext["emit"]): (line: unknown) => void {
  let lines = 0;
  return (line) => {
    lines += 1;
    if (lines > MAX_LINES) return;
    const text = clean(reasonOf(line, "something that has no text"));
    if (text !== "") emit({ type: "handler-output", text });
    if (lines === MAX_LINES) emit({ type: "handler-output", text: "… (the rest is dropped)" });
  };
}
