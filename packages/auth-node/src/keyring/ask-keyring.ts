import { createRequire } from "node:module";
import { isAbsolute } from "node:path";
import type { AuthError, Signal } from "@x/auth-core";
import { outputOf } from "../sources/output-of.ts";

/** A request to the keychain. */
export interface Question {
  /** `probe` creates another entry and removes it. */
  readonly operation: "read" | "write" | "remove" | "probe";
  readonly service: string;
  readonly account: string;
  /** The token to write. */
  readonly token?: string;
}

/** How to access the keychain. */
export interface KeyringAccess {
  /** A package name, or an absolute path. */
  readonly module: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal: Signal | undefined;
  readonly failed: (why: string) => AuthError;
}

/** The script's result. */
interface Answer {
  readonly token?: string | null;
  readonly error?: string;
}

/** Runs in a separate Node process: if the keychain hangs, even creating an `Entry` does not return. */
const SCRIPT = `
const [, module] = process.argv;
const fs = require("node:fs");
const { operation, service, account, token } = JSON.parse(fs.readFileSync(0, "utf8"));
// Not on standard output, where the module may print something.
const answer = (what) => fs.writeSync(3, JSON.stringify(what));
try {
  const { Entry } = require(module);
  // The default on Linux is the kernel's keyring, which does not survive a reboot.
  const entry = (name) => new Entry(service, name, { linux: { store: "secret-service" } });
  const calls = {
    read: () => entry(account).getPassword(),
    write: () => entry(account).setPassword(token),
    remove: () => void (entry(account).getPassword() !== null && entry(account).deletePassword()),
    probe() {
      const probe = entry(account + " (probe)");
      probe.setPassword("probe");
      probe.deletePassword();
    },
  };
  answer({ token: calls[operation]() ?? null });
} catch (error) {
  answer({ error: String(error?.message ?? error) });
}`;

/**
 * Accesses the keychain in a separate process, which is killed on timeout or abort.
 *
 * @returns the token read; `null` if there is no such entry, and for other operations
 * @throws the error that `failed` creates from the reason; the signal's reason
 */
export async function askKeyring(question: Question, access: KeyringAccess): Promise<string | null> {
  const { module, env, timeoutMs, signal, failed } = access;
  const answer = await outputOf({
    command: process.execPath,
    args: ["--eval", SCRIPT, locate(module, failed)],
    // Makes Electron run as Node.
    env: { ...env, NODE_OPTIONS: "", ELECTRON_RUN_AS_NODE: "1" },
    input: JSON.stringify(question),
    answersOn: 3,
    timeoutMs,
    signal,
    failed: (why) => failed(`the process that asks it: ${why}`),
  });
  const { token = null, error } = JSON.parse(answer) as Answer;
  if (error !== undefined) throw failed(withoutToken(error, question.token));
  return token;
}

function locate(module: string, failed: KeyringAccess["failed"]): string {
  if (isAbsolute(module)) return module;
  try {
    return createRequire(import.meta.url).resolve(module);
  } catch {
    throw failed(`the package ${module} is not installed; npm install ${module}`);
  }
}

/** The keychain's own message in one line, without the token. */
function withoutToken(message: string, token = ""): string {
  const plain = token === "" ? message : message.replaceAll(token, "…");
  return plain.replaceAll(/\s+/g, " ").slice(0, 300);
}
