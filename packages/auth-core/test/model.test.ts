import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { createAuth } from "../src/create-auth.ts";
import type { AuthEvent } from "../src/events.ts";
import { type Model, memoryModel, type Real, steps } from "./support/model.ts";
import { always, timeoutMs } from "./support/runs.ts";
import { testStorage } from "./support/storage.ts";
import { allTokens, envToken, fileToken } from "./support/tokens.ts";

vi.setConfig({ testTimeout: timeoutMs });

it("an Auth behaves like its model, for any operations in any order", async () => {
  const starts = fc.record({
    stored: fc.option(fc.constant(fileToken)),
    fromEnv: fc.option(fc.constant(envToken)),
    watching: fc.boolean(),
  });
  await always(
    fc.asyncProperty(starts, fc.commands(steps, { maxCommands: 40 }), async (start, commands) => {
      const { stored, fromEnv, watching } = start;
      const events: AuthEvent[] = [];
      const setUp = () => {
        const storage = testStorage(stored);
        const env: Record<string, string | undefined> = { MOLECULE_WORKSPACE_TOKEN: fromEnv ?? undefined };
        const auth = createAuth({ storage, env, onEvent: (event) => events.push(event) });
        if (watching) auth.watch();
        const model: Model = memoryModel(stored, fromEnv, watching);
        const real: Real = { auth, storage, env };
        return { model, real };
      };
      await fc.asyncModelRun(setUp, commands);
      const output = JSON.stringify(events);
      for (const token of allTokens) expect(output).not.toContain(token);
      const pairs = events.flatMap((event) =>
        event.type === "sources-disagree" ? [JSON.stringify(event)] : [],
      );
      expect(new Set(pairs).size).toBe(pairs.length);
    }),
  );
});
