import { platformAnswers } from "./answers.ts";
import { configsDirs } from "./configs-dirs.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { lists } from "./lists.ts";
import { orgIdTarget } from "./org-ids.ts";
import { platformUrlTarget } from "./platform-urls.ts";
import { runnerFiles } from "./runner-files.ts";
import { tokenFiles } from "./token-files.ts";
import { tokenText } from "./token-text.ts";
import { workspaceIds } from "./workspace-ids.ts";

/** Every entry point for untrusted text. The shares add up to a million. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  tokenText,
  workspaceIds,
  platformUrlTarget,
  orgIdTarget,
  lists,
  configsDirs,
  tokenFiles,
  runnerFiles,
  platformAnswers,
];
