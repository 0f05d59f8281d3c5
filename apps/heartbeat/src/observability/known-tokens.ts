import { checkToken } from "@x/auth-core";
import { createRedactor } from "@x/platform-client";

/** The tokens and secrets of this process, to be redacted from its output. */
export interface KnownTokens {
  /**
   * Redacts this text from all later output.
   *
   * @param owner whose token it is; only the last few per owner are kept
   */
  hide(owner: string, text: string): void;
  redact(text: string): string;
}

/** One in use, one just received, and one replaced, from two sources. */
const FOR_EACH_OWNER = 6;
const MAX_OWNERS = 400_000;
/** Redacting a shorter text would remove parts of ordinary words. */
const SHORTEST = 6;

/** What surrounds a token when a whole header, quoted text or JSON was given instead. */
const SEPARATORS = /[\s"'`:=,;<>{}[\]]+/;
/** Words that stand next to a token there, and are needed in the error message. */
const LABEL = /^((proxy-)?authorization|bearer|basic|export|token|auth_token|MOLECULE_WORKSPACE_TOKEN)$/i;

/** The owner of a workspace's token in a list: it stays there, however many tokens the workspace receives. */
export const listed = (workspaceId: string): string => `${workspaceId} in the list`;

export function createKnownTokens(): KnownTokens {
  const redactor = createRedactor();
  const byOwner = new Map<string, readonly string[]>();
  const forget = (owner: string, tokens: readonly string[]) => {
    for (const token of byOwner.get(owner) ?? []) if (!tokens.includes(token)) redactor.remove(token);
  };
  const hide = (owner: string, token: string) => {
    const known = byOwner.get(owner) ?? [];
    if (token.length < SHORTEST || known.at(-1) === token) return;
    if (!known.includes(token)) redactor.add(token);
    const kept = [...known.filter((each) => each !== token), token].slice(-FOR_EACH_OWNER);
    forget(owner, kept);
    byOwner.set(owner, kept);
    const [oldest = owner] = byOwner.keys();
    if (byOwner.size <= MAX_OWNERS) return;
    forget(oldest, []);
    byOwner.delete(oldest);
  };
  return {
    hide(owner, text) {
      for (const token of tokensIn(text)) hide(owner, token);
    },
    redact: redactor.redact,
  };
}

/** The text itself if it can be a token; otherwise any token that it may contain. */
function tokensIn(text: string): readonly string[] {
  try {
    return [checkToken(text)];
  } catch {
    return text.split(SEPARATORS).filter((word) => !LABEL.test(word));
  }
}
