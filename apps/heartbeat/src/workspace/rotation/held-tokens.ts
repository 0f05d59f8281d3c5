import type { TokenSource } from "@x/auth-core";
import type { RotationRecord } from "./record.ts";
import type { RotationOptions } from "./rotation-options.ts";

/**
 * All tokens that this runner has, live or not. The lifeline comes before tokens configured elsewhere: after a lost
 * answer, it may be the live one.
 */
export async function heldTokens(
  { store, ref, fallbacks }: Pick<RotationOptions, "store" | "ref" | "fallbacks">,
  record: RotationRecord | null,
): Promise<string[]> {
  const texts = [
    await store.token(ref).read(),
    await store.spill(ref).read(),
    record?.lifeline ?? null,
    ...(await Promise.all(fallbacks.map((source) => readIfPossible(source, ref)))),
  ];
  return [...new Set(texts.map((text) => text?.trim() ?? "").filter((text) => text !== ""))];
}

/** Where a token other than `token` is still configured. */
export async function staleSource(
  { ref, fallbacks }: Pick<RotationOptions, "ref" | "fallbacks">,
  token: string,
): Promise<string | undefined> {
  for (const source of fallbacks) {
    const other = (await readIfPossible(source, ref))?.trim() ?? "";
    if (other !== "" && other !== token) return source.location;
  }
  return undefined;
}

/** The token of a further source for this platform; one that cannot be read is not needed. */
async function readIfPossible(
  source: TokenSource,
  { platformOrigin }: RotationOptions["ref"],
): Promise<string | null> {
  try {
    return await source.read({ platformOrigin });
  } catch {
    return null;
  }
}
