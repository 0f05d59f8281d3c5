import fs from "node:fs";
import { join } from "node:path";
import { createNodeAuth, fileTokenStorage, inspectTokenFile } from "@x/auth-node";
import { hostileBytes } from "../inputs/bytes.ts";
import { hostileText } from "../inputs/text.ts";
import { tokens } from "../inputs/valid.ts";
import { isBlank, lineIn, tokenIn } from "../rules.ts";
import { attempt, type CheckResult, checkRejection, type FuzzTarget, openFuzzTarget } from "./fuzz-target.ts";

/** The bytes of the token file. A file without a token is retried for a while, hence the concurrency. */
export const tokenFiles: FuzzTarget = {
  id: "token-files",
  what: "the token file's bytes",
  share: 30_000,
  atOnce: 250,
  async open({ directory }) {
    let files = 0;
    return openFuzzTarget(hostileBytes(hostileText(tokens)), {
      async check(bytes) {
        files += 1;
        const configsDir = join(directory, String(files));
        fs.mkdirSync(configsDir);
        fs.writeFileSync(join(configsDir, ".auth_token"), bytes, { mode: 0o600 });
        try {
          return await check(configsDir, bytes);
        } finally {
          fs.rmSync(configsDir, { recursive: true });
        }
      },
    });
  },
};

async function check(configsDir: string, bytes: Uint8Array): Promise<CheckResult> {
  const text = textIn(bytes);
  const token = tokenIn(text);
  const line = lineIn(text);
  const holdsNothing = text !== null && isBlank(text);
  const storage = fileTokenStorage({ configsDir });
  const [read, report] = await Promise.all([
    attempt(() => storage.read()),
    attempt(() => inspectTokenFile({ configsDir })),
  ]);
  if ("error" in report) return { bad: "inspectTokenFile rejected" };
  const { holdsToken, problem } = report.value;
  if (holdsToken !== (token !== null)) return { bad: "inspectTokenFile classifies it differently" };
  if ("error" in read) {
    if (line !== null || holdsNothing) return { bad: "a token was not read" };
    if (problem === null) return { bad: "inspectTokenFile reports no problem" };
    return checkRejection(read.error, ["STORAGE_READ_FAILED"], [text, text?.trim()]);
  }
  if (read.value !== line) return { bad: "another token was read" };
  if (line !== token && problem === null) return { bad: "inspectTokenFile does not report an invalid token" };
  const auth = createNodeAuth({ configsDir, env: {} });
  const { Authorization = null } = await auth.authHeaders();
  if (Authorization !== (token === null ? null : `Bearer ${token}`)) return { bad: "another token is sent" };
  return token === null ? "rejected" : "accepted";
}

/** Longer files hold no token, whatever the content. */
const MAX_BYTES = 65_536;

/** `null`: not UTF-8, or too long. */
function textIn(bytes: Uint8Array): string | null {
  if (bytes.length > MAX_BYTES) return null;
  const text = Buffer.from(bytes).toString("utf8");
  return Buffer.from(text).equals(bytes) ? text.replace(/^\ufeff/, "") : null;
}
