import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ModelPlatform } from "./model-platform.ts";
import { type Kill, type RotationDisk, rotationDisk, runRotation } from "./rotation-scene.ts";

/** `pnpm rotations` runs more of them. */
const RUNS = Number(process.env.ROTATION_RUNS ?? 60);

/** What must hold after every run, however it ended. */
function checkPlatform(platform: ModelPlatform, others: readonly string[]): void {
  expect(platform.openings).toBe(0);
  for (const other of others) expect(platform.revoked).not.toContain(other);
}

async function checkRotated(platform: ModelPlatform, disk: RotationDisk, old: string): Promise<void> {
  expect(platform.isLive(await disk.token.read())).toBe(true);
  expect(platform.isLive(old)).toBe(false);
  expect(platform.tokens).toHaveLength(1);
  expect(await disk.rotation.read()).toBeNull();
  expect(await disk.spill.read()).toBeNull();
}

describe("a rotation that is killed at any step", () => {
  it.each([{ apiTokensSurvive: false }, { apiTokensSurvive: true }])(
    "is resumed by the next run; only a lost answer needs an operator: %o",
    async (options) => {
      let lockedOut = 0;
      let [steps, at] = [1, 1];
      for (; at <= steps; at += 1) {
        for (const when of ["before", "after"] as const) {
          const platform = await new ModelPlatform(options).serve();
          const old = platform.issue("instance");
          const disk = rotationDisk(old);
          const killed = await runRotation(platform, disk, { kill: { at, when } });
          if (when === "after") steps = Math.max(steps, killed.accesses + (killed.result === null ? 1 : 0));
          checkPlatform(platform, []);
          const { result } = await runRotation(platform, disk);
          checkPlatform(platform, []);
          if (result?.outcome === "locked_out") {
            lockedOut += 1;
            expect(await disk.token.read()).toBe(old);
            expect(platform.requests.some((line) => line.endsWith("/external/rotate"))).toBe(true);
            continue;
          }
          if (killed.result === null) expect(result).toMatchObject({ outcome: "rotated" });
          await checkRotated(platform, disk, old);
        }
      }
      expect(at).toBeGreaterThan(15);
      if (options.apiTokensSurvive) expect(lockedOut).toBe(0);
      // Between the platform's commit and the write of its answer: the answer, two reads of storage, the write.
      else expect(lockedOut).toBe(4);
    },
  );

  it(
    "never revokes others' tokens, never leaves the workspace open, and ends with a live token or an error",
    async () => {
      const kill = fc.record({
        at: fc.integer({ min: 1, max: 40 }),
        when: fc.constantFrom<Kill["when"]>("before", "after"),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            apiTokensSurvive: fc.boolean(),
            kills: fc.array(kill, { maxLength: 4 }),
            isHeldApi: fc.boolean(),
            other: fc.constantFrom("none", "at first", "after a kill"),
            isOtherUsed: fc.boolean(),
          }),
          async ({ apiTokensSurvive, kills, isHeldApi, other, isOtherUsed }) => {
            const platform = await new ModelPlatform({ apiTokensSurvive }).serve();
            // A token that keeps other clients out, even if the runner was given an API token.
            const first = platform.issue("instance");
            const old = isHeldApi ? platform.issue("api") : first;
            const others: string[] = isHeldApi ? [first] : [];
            const addOther = () => {
              const text = platform.issue("api");
              if (isOtherUsed) platform.use(text);
              others.push(text);
            };
            if (other === "at first") addOther();
            const disk = rotationDisk(old);
            for (const [index, each] of kills.entries()) {
              const { result } = await runRotation(platform, disk, { kill: each });
              checkPlatform(platform, others);
              // A token that was issued meanwhile and used is not one that a run has lost.
              if (index === 0 && other === "after a kill" && result === null && isOtherUsed) addOther();
            }
            const { result } = await runRotation(platform, disk);
            checkPlatform(platform, others);
            const live = platform.isLive(await disk.token.read());
            if (result?.outcome === "locked_out") expect(apiTokensSurvive || live).toBe(false);
            else expect(live).toBe(true);
            const mayRotate = others.length === 0 || others.every((text) => !platform.isLive(text));
            if (mayRotate && result?.outcome !== "locked_out") {
              expect(result?.outcome).toBe("rotated");
              await checkRotated(platform, disk, old);
            }
          },
        ),
        { numRuns: RUNS },
      );
    },
    120_000 + 2_000 * RUNS,
  );
});
