import { beforeAll, describe, expect, it } from "vitest";
import type { Run, Runtime } from "../src/drivers/driver.ts";
import { startPlatform } from "../src/platform.ts";

/** The runtimes with a file system. */
const hasFiles = (runtime: Runtime) => /Node|Bun|Deno/.test(runtime.name);

/** Runs all suites in a runtime, and expects every test to pass. */
export function check(runtime: Runtime, report: (run: Run) => void = () => {}): void {
  describe(runtime.name, () => {
    let run: Run = { version: "", outcomes: {} };

    beforeAll(async () => {
      const [platform, elsewhere] = await Promise.all([startPlatform(), startPlatform()]);
      try {
        run = await runtime.start({ platform: platform.url, elsewhere: elsewhere.url });
        report(run);
      } finally {
        await Promise.all([platform.close(), elsewhere.close()]);
      }
    }, 180_000);

    for (const suite of ["auth-core", "auth-browser", ...(hasFiles(runtime) ? ["auth-node"] : [])]) {
      it(`passes the ${suite} suite`, () => {
        const outcome = run.outcomes[suite];
        expect(outcome?.failed).toEqual([]);
        expect(outcome?.passed).toBeGreaterThan(0);
      });
    }
  });
}
