import { checkToken } from "@x/auth-core";
import { createRedactor } from "@x/platform-client";

/** The tokens and secrets of this process, for what it prints. */
export interface KnownTokens {
  /**
   * Never shows this text from now on.
   *
   * @param owner whose it is; of one owner the newest few are known
   */
  hide(owner: string, text: string): void;
  redact(text: string): string;
}

/** One that is in use, one that was received, and one that was replaced; of two sources. */
const FOR_EACH_OWNER = 6;
const MAX_OWNERS = 200_000;
/** A shorter one would blot out parts of words. */
const SHORTEST = 6;

/** Around a token, where a whole header, a quoted text or JSON was given in its place. */
const SEPARATORS = /[\s"'`:=,;<>{}[\]]+/;
/** What stands beside a token there, and is needed to say what is wrong. */
const LABEL = /^((proxy-)?authorization|bearer|basic|export|token|auth_token|MOLECULE_WORKSPACE_TOKEN)$/i;

export function createKnownTokens(): KnownTokens {
  const redactor = createRedactor();
  const byOwner = new Map<string, readonly string[]>();
  const forget = (owner: string, tokens: readonly string[]) => {
    for (const token of byOwner.get(owner) ?? []) if (!tokens.includes(token)) redactor.remove(token);
  };
  const hide = (owner: string, token: string) => {
    const known = byOwner.get(owner) ?? [];
    if (token.length < SHORTEST || known.includes(token)) return;
    redactor.add(token);
    const kept = [...known, token].slice(-FOR_EACH_OWNER);
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

/** The text itself, if it can be a token; else what it may hold that is one. */
function tokensIn(text: string): readonly string[] {
  try {
    return [checkToken(text)];
  } catch {
    return text.split(SEPARATORS).filter((word) => !LABEL.test(word));
  }
}
