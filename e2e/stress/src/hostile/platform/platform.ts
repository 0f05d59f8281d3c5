import type { Experiment } from "../../experiment.ts";
import { offerPasswords, runCommandsAgainstHostilePlatforms } from "./commands.ts";
import { fetchFromHostilePlatform } from "./fetching.ts";
import { runFleetAgainstHostilePlatforms } from "./runner.ts";

export const platform: Experiment = {
  id: "platform",
  title: "a platform with endless answers, or answers for another workspace",
  document: "SECURITY.md",
  needs: ["proc"],
  run: ({ fixtures, progress }) =>
    fixtures.within(async (inner) => [
      ...(await runFleetAgainstHostilePlatforms(inner, progress)),
      ...(await fetchFromHostilePlatform(inner)),
      await runCommandsAgainstHostilePlatforms(inner),
      await offerPasswords(inner),
    ]),
};
