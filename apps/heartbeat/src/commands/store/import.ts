import { checkToken, isAuthError, type TokenStorage } from "@x/auth-core";
import type { PostgresTokenStore, SecretKind } from "@x/auth-postgres";
import type { Config } from "../../config/config.ts";
import { tokenMistake } from "../../config/token-mistakes.ts";
import { refOf } from "../../fleet/workspace-auth.ts";
import { createFileStore } from "../../storage/file-store.ts";
import type { WorkspaceRef } from "../../storage/workspace-store.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { whenUsable, withStore } from "./with-store.ts";

/** The result for one workspace's token. */
type Outcome = "imported" | "already there" | "not imported" | "without a token";

/**
 * Copies the tokens and secrets of the configured workspaces from their files into the store, without replacing any.
 * The files stay.
 *
 * @returns `EXIT.problem` when one could not be read, or a different one is stored
 */
export function importTokens(
  config: Config,
  {
    env,
    hide,
  }: { readonly env: Record<string, string | undefined>; readonly hide: (id: string, text: string) => void },
): Promise<ExitCode> {
  return withStore(config.store, (store) =>
    whenUsable(store, async () => {
      const files = createFileStore({
        configsDir: config.configsDir,
        env,
        layout: config.isFleet ? "list" : "single",
        onEvent() {},
        onSecret: ({ workspaceId }, text) => hide(workspaceId, text),
      });
      const outcomes: Outcome[] = [];
      let isComplete = true;
      try {
        for (const workspace of config.workspaces) {
          const ref = refOf(workspace);
          outcomes.push(await importOne(ref, "auth", { from: files.token(ref), store }));
          const secret = await importOne(ref, "inbound", { from: files.inboundSecret(ref), store });
          isComplete &&= secret !== "not imported";
        }
      } finally {
        await files.close();
      }
      console.log(summary(outcomes));
      return isComplete && !outcomes.includes("not imported") ? EXIT.ok : EXIT.problem;
    }),
  );
}

async function importOne(
  ref: WorkspaceRef,
  kind: SecretKind,
  { from, store }: { readonly from: TokenStorage; readonly store: PostgresTokenStore },
): Promise<Outcome> {
  const what = `${ref.workspaceId}: the ${kind === "auth" ? "token" : "inbound secret"}`;
  try {
    const text = await from.read();
    if (!text?.trim()) return "without a token";
    const token = checkToken(text);
    const mistake = kind === "auth" ? tokenMistake(token) : undefined;
    if (mistake !== undefined) {
      console.log(`${what} was not imported: the text in ${from.location} ${mistake}.`);
      return "not imported";
    }
    const to = store.storage({ platformUrl: ref.platformOrigin, workspaceId: ref.workspaceId }, kind);
    if (await to.replace(null, token)) return "imported";
    if ((await to.read()) === token) return "already there";
    const advice =
      kind === "auth"
        ? `If the file's is right: heartbeat store put ${ref.workspaceId}`
        : "If it is not right, the answer to the next heartbeat replaces it";
    console.log(`${what} in ${from.location} differs from the stored one, which stays. ${advice}`);
  } catch (error) {
    if (!isAuthError(error)) throw error;
    console.log(`${what} was not imported: ${error.message}`);
  }
  return "not imported";
}

function summary(outcomes: readonly Outcome[]): string {
  const all: readonly Outcome[] = ["imported", "already there", "not imported", "without a token"];
  const counts = all.map((outcome) => [outcomes.filter((one) => one === outcome).length, outcome] as const);
  const found = counts.filter(([count]) => count > 0).map(([count, outcome]) => `${count} ${outcome}`);
  const workspaces = outcomes.length === 1 ? "1 workspace" : `${outcomes.length} workspaces`;
  return `${workspaces}: ${found.join(", ")}. The files stay; a runner with --store does not read them.`;
}
