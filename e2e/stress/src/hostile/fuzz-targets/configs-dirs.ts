import { isAbsolute, join, relative } from "node:path";
import { createNodeAuth, inspectTokenFile, resolveConfigsDir } from "@x/auth-node";
import fc from "fast-check";
import { hostileText } from "../inputs/text.ts";
import { attempt, type CheckResult, checkRejection, type FuzzTarget, openFuzzTarget } from "./fuzz-target.ts";

const TOKEN = "the-token-of-the-workspace";
const CODES = ["STORAGE_READ_FAILED", "STORAGE_WRITE_FAILED"] as const;

/** `CONFIGS_DIR`: read from any location, written to only below the test's directory. */
export const configsDirs: FuzzTarget = {
  id: "configs-dir",
  what: "CONFIGS_DIR",
  share: 20_000,
  atOnce: 16,
  async open({ directory }) {
    const valid = fc
      .constantFrom("agent", "a/b/c", "./agent", "a b", "ünï")
      .map((path) => join(directory, path));
    return openFuzzTarget(hostileText(valid), { check: (path) => check(path, directory) });
  },
};

async function check(path: string, directory: string): Promise<CheckResult> {
  const env = { CONFIGS_DIR: path, HOME: directory };
  const found = await attempt(() => resolveConfigsDir({ env }));
  if ("error" in found) return checkRejection(found.error, CODES, []);
  if (!isAbsolute(found.value.path)) return { bad: "a configs directory that is not absolute" };
  const inspected = await attempt(() => inspectTokenFile({ env }));
  if ("error" in inspected) return checkRejection(inspected.error, CODES, []);

  const auth = createNodeAuth({ env });
  if (!isBelow(found.value.path, directory)) {
    const read = await attempt(() => auth.getToken());
    if ("error" in read) return { bad: "getToken rejected" };
    return inspected.value.problem === null ? "accepted" : "rejected";
  }
  const saved = await attempt(() => auth.saveToken(TOKEN));
  if ("error" in saved) return checkRejection(saved.error, CODES, [TOKEN]);
  const again = await createNodeAuth({ env }).getToken();
  return again === TOKEN ? "accepted" : { bad: "read back another token" };
}

function isBelow(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way !== "" && !way.startsWith("..") && !isAbsolute(way);
}
