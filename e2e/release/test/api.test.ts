import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { apiReport } from "../src/api-report.ts";
import { publishedPackages, root } from "../src/workspace.ts";

describe.each(publishedPackages(root))("the public face of $name", ({ folder, manifest }) => {
  it("is what its report says (a change that is meant: `pnpm api`)", async () => {
    const report = apiReport(join(root, folder), manifest);
    await expect(report).toMatchFileSnapshot(join(root, folder, "api-report.md"));
  });
});
