import { checkToken, redactToken } from "@x/auth-core";
import type { Config } from "../../config/config.ts";
import { ConfigError } from "../../config/problems.ts";
import { tokenMistake } from "../../config/token-mistakes.ts";
import { refOf } from "../../fleet/workspace-auth.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { whenUsable, withStore } from "./with-store.ts";

/** Room for white space around the longest token. */
const MAX_BYTES = 65_536;

/**
 * Stores the token from standard input, replacing any stored one. Active runners use it at once.
 *
 * @throws ConfigError when standard input holds no token; AuthError `TOKEN_INVALID`
 */
export function putToken(
  config: Config,
  { input, hide }: { readonly input: AsyncIterable<Uint8Array>; readonly hide: (text: string) => void },
): Promise<ExitCode> {
  return withStore(config.store, async (store) => {
    const [workspace] = config.workspaces;
    if (workspace === undefined)
      throw new ConfigError(["No workspace has this id; check it against the list."]);
    const text = await readAll(input);
    hide(text);
    const token = checkToken(text);
    // The token stored here replaces one that the platform may have issued only once.
    const mistake = tokenMistake(token);
    if (mistake !== undefined) throw new ConfigError([`The text on standard input ${mistake}.`]);
    return whenUsable(store, async () => {
      const { platformOrigin, workspaceId } = refOf(workspace);
      await store.storage({ platformUrl: platformOrigin, workspaceId }).write(token);
      console.log(`stored the token ${redactToken(token)} of ${workspaceId} for ${platformOrigin}`);
      return EXIT.ok;
    });
  });
}

async function readAll(input: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input) {
    length += chunk.length;
    if (length > MAX_BYTES)
      throw new ConfigError(["Standard input is too long for a token; give the token alone."]);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  if (text.trim() !== "") return text;
  throw new ConfigError([
    "There is no token on standard input: heartbeat store put <id> < the-file-with-the-token",
  ]);
}
