import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isRoot, NOBODY } from "../../test/child.ts";
import { tokenDirectory } from "../../test/token-directory.ts";
import { A, ASIDE_A, B, configured, LIST, TOKEN_A, TOKEN_B } from "../../test/two-platforms.ts";

/** A directory in which another user, by group or by mode, has saved a token. */
async function savedByOther(mode: number) {
  const at = tokenDirectory();
  await configured(at.dir, A).write(TOKEN_A);
  for (const name of at.names()) fs.chownSync(join(at.dir, name), NOBODY, NOBODY);
  fs.chmodSync(at.dir, mode);
  return at;
}

describe.runIf(isRoot)("root, in its own directory with another user's token", () => {
  test("uses that user's list where only a group can put files: the token is neither sent elsewhere nor lost", async () => {
    const at = await savedByOther(0o2770);
    const b = configured(at.dir, B);
    expect(await b.read()).toBeNull();
    await b.write(TOKEN_B);
    expect(fs.readFileSync(join(at.dir, ASIDE_A), "utf8")).toBe(TOKEN_A);
    expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
  });

  test("ignores it where any user can put files", async () => {
    const at = await savedByOther(0o1777);
    fs.writeFileSync(join(at.dir, LIST), "damaged");
    expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
  });
});
