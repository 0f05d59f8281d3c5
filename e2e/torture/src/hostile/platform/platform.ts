import type { Trial } from "../../bench.ts";
import { lookAtHostilePlatforms, offerPasswords } from "./commands.ts";
import { fetchFromHostilePlatform } from "./fetching.ts";
import { faceHostilePlatforms } from "./runner.ts";

export const platform: Trial = {
  id: "platform",
  title: "a platform whose answers do not end, or are meant for somebody else",
  document: "SECURITY.md",
  needs: ["proc"],
  run: ({ lab, progress }) =>
    lab.within(async (inner) => [
      ...(await faceHostilePlatforms(inner, progress)),
      ...(await fetchFromHostilePlatform(inner)),
      await lookAtHostilePlatforms(inner),
      await offerPasswords(inner),
    ]),
};
