import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { apiReport } from "../src/api-report.ts";
import { publishedPackages, root } from "../src/workspace.ts";

describe.each(publishedPackages(root))("the public API of $name", ({ folder, manifest }) => {
  it("matches its report (update after an intended change: `pnpm api`)", async () => {
    const report = apiReport(join(root, folder), manifest);
    await expect(report).toMatchFileSnapshot(join(root, folder, "api-report.md"));
  });
});
