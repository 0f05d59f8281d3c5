/** What people enter instead of a token, and what to do about it. */
const MISTAKES: readonly (readonly [RegExp, string])[] = [
  [
    /^(~[\w-]*|\.{1,2})[\\/]|^[a-z]:[\\/]|^file:|^@|^\/(run|etc|home|var|tmp|root|opt|mnt|srv|usr|dev|proc|configs|secrets|Users)\//i,
    "is the path of a file: give the token in it, or the path in MOLECULE_WORKSPACE_TOKEN_FILE",
  ],
  [
    /^(null|undefined|none|nil|nan|changeme|todo)$/i,
    "is a placeholder, not a token: give the token, or leave it out",
  ],
  [/\*{4}|\u2022{3}|\u2026/, "is a shortened or masked copy: give the whole token"],
  [/^(token|apikey|api-key|digest)\s+\S/i, "has the name of a scheme before it: give the token alone"],
  [/^[\w-]*(auth|token|secret|key)[\w-]*=(?!=*$)/i, "is a name with its value: give the token alone"],
  [/\S\s*[\r\n]\s*\S/, "has more than one line: give the token alone"],
  [/[\p{Cf}\u00a0]/u, "contains an invisible character: copy it again"],
];

/**
 * Detects text that could be sent as a token but clearly is not one.
 *
 * @returns the end of a sentence, which quotes nothing of the text; `undefined` if it may be a token
 */
export function tokenMistake(text: string): string | undefined {
  const token = text.trim();
  return MISTAKES.find(([pattern]) => pattern.test(token))?.[1];
}
