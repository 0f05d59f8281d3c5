import { parseWorkspaces, type WorkspaceEntry } from "@x/auth-core";
import fc from "fast-check";
import { hostileJson, objects } from "../inputs/json.ts";
import { hostile } from "../inputs/text.ts";
import { furnishedUrls, ids, platformUrls, tokens } from "../inputs/valid.ts";
import { idIn, isBlank, originIn, tokenIn } from "../rules.ts";
import { attempt, checkRejection, type FuzzTarget, openFuzzTarget } from "./fuzz-target.ts";

/** Does not occur in our error messages. */
export const PLATFORM = "https://agents.test";

const mostly = (valid: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 12, arbitrary: valid as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: hostile(valid) },
  );

const entries = objects({
  id: mostly(ids),
  token: mostly(tokens.map((token) => token.slice(0, 80))),
  platform_url: mostly(
    fc.oneof({ weight: 9, arbitrary: platformUrls(PLATFORM) }, { weight: 1, arbitrary: furnishedUrls }),
  ),
});

/** JSON of a workspace list, intact or mutated. */
export const listTexts = hostileJson(fc.array(entries, { maxLength: 4 }));

/** `MOLECULE_WORKSPACES`. */
export const lists: FuzzTarget = {
  id: "lists",
  what: "MOLECULE_WORKSPACES",
  share: 90_000,
  atOnce: 1,
  async open() {
    return openFuzzTarget(listTexts, {
      async check(json) {
        const done = await attempt(() => parseWorkspaces(json));
        if ("error" in done) return checkRejection(done.error, ["WORKSPACES_INVALID"], secretsIn(json));
        return isFaithful(done.value, JSON.parse(json))
          ? "accepted"
          : { bad: "other workspaces than listed" };
      },
    });
  },
};

/** Whether each entry matches the list and is usable. */
function isFaithful(found: readonly WorkspaceEntry[], list: unknown): boolean {
  if (!Array.isArray(list) || list.length !== found.length) return false;
  if (new Set(found.map(({ id }) => id)).size !== found.length) return false;
  return found.every(({ id, token, platformUrl }, index) => {
    const said = list[index];
    const isSame = (value: string | undefined, text: unknown, valid: (text: unknown) => string | null) =>
      value === undefined
        ? isBlank(text)
        : typeof text === "string" && value === text.trim() && valid(text) !== null;
    return (
      id === idIn(said.id) &&
      isSame(token, said.token, tokenIn) &&
      isSame(platformUrl, said.platform_url, originIn)
    );
  });
}

/** Texts that must not be repeated: values in place of a token or a platform, and invalid ids. */
export function secretsIn(json: string): unknown[] {
  const list = parsed(json);
  // In an invalid list, any text might be a secret; property names are not.
  if (!Array.isArray(list))
    return json.split('"').filter((text) => !/^[a-z_]*$/i.test(text) && !/[{[]/.test(text));
  return list.flatMap((entry: unknown) => {
    if (typeof entry !== "object" || entry === null) return [entry];
    return Object.entries(entry).flatMap(([name, value]) =>
      name === "id" && idIn(value) !== null ? [] : [value],
    );
  });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
