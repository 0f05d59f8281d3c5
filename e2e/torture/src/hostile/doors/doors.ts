import { platformAnswers } from "./answers.ts";
import { configsDirs } from "./configs-dirs.ts";
import type { Door } from "./door.ts";
import { lists } from "./lists.ts";
import { orgIdDoor } from "./org-ids.ts";
import { platformUrlDoor } from "./platform-urls.ts";
import { runnerFiles } from "./runner-files.ts";
import { tokenFiles } from "./token-files.ts";
import { tokenText } from "./token-text.ts";
import { workspaceIds } from "./workspace-ids.ts";

/** Every way in for text that others have written. Their shares are a million together. */
export const DOORS: readonly Door[] = [
  tokenText,
  workspaceIds,
  platformUrlDoor,
  orgIdDoor,
  lists,
  configsDirs,
  tokenFiles,
  runnerFiles,
  platformAnswers,
];
