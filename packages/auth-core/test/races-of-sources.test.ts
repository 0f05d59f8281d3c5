import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { createAuth } from "../src/create-auth.ts";
import { always, timeoutMs } from "./support/runs.ts";
import { slowStorage } from "./support/slow-storage.ts";
import { envToken, fileToken, issuedToken, rotatedToken } from "./support/tokens.ts";

vi.setConfig({ testTimeout: timeoutMs });

type Step =
  | { do: "save" | "reject"; token: string }
  | { do: "change"; token: string | null }
  | { do: "get" | "refresh" | "headers" | "clear" | "break" | "mend" };

const token = fc.constantFrom(fileToken, issuedToken, rotatedToken);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom("save" as const, "reject" as const), token }),
  fc.record({ do: fc.constant("change" as const), token: fc.option(token) }),
  fc.record({ do: fc.constantFrom("get", "refresh", "headers", "clear", "break", "mend") }),
);

it("whatever is saved, refused, changed elsewhere or unreadable meanwhile, no answer is out of date or refused", async () => {
  const check = async (scheduler: fc.Scheduler, steps: Step[], failures: boolean[]) => {
    const { state, storage, history, change } = slowStorage(scheduler, fileToken, [...failures]);
    const auth = createAuth({ storage, env: { MOLECULE_WORKSPACE_TOKEN: envToken } });
    auth.watch();
    const refused = new Set<string>();
    /** Saved tokens that only memory has, for all that was told so far. */
    const unsaved: string[] = [];
    const saves: string[] = [];
    /** What came before this in the history is out of date: a notice or the end of a save has told so. */
    let told = 0;
    const asked: Promise<void>[] = [];

    const expectCurrent = async (answer: Promise<string | null | undefined>) => {
      const [stored, saved] = [told, saves.length];
      const refusedThen = [...refused];
      const held = [envToken, ...unsaved];
      const given = await answer;
      const current = [...held, ...history.slice(stored), ...saves.slice(saved)];
      expect(current).toContain(given);
      const saidSince = saves.slice(saved);
      if (refusedThen.some((each) => each === given && !saidSince.includes(each)))
        expect.fail("It was refused, and nobody has saved it since.");
    };
    const save = async (text: string) => {
      refused.delete(text);
      saves.push(text);
      // The last one asked for is the one that counts.
      unsaved.splice(0, unsaved.length, text);
      const turn = saves.length;
      await auth.saveToken(text).then(
        () => {
          told = Math.max(told, history.lastIndexOf(text));
          if (turn === saves.length) unsaved.splice(0);
        },
        () => {},
      );
    };
    const start = async (each: Step) => {
      if (each.do === "save") asked.push(save(each.token));
      else if (each.do === "change") {
        change(each.token);
        told = history.length - 1;
      } else if (each.do === "reject") {
        refused.add(each.token);
        auth.rejectToken(each.token);
      } else if (each.do === "get") asked.push(expectCurrent(auth.getToken()));
      else if (each.do === "refresh") asked.push(expectCurrent(auth.refreshCache()));
      else if (each.do === "headers") {
        asked.push(expectCurrent(auth.authHeaders().then((headers) => headers.Authorization?.slice(7))));
      } else if (each.do === "clear") auth.clearCache();
      else state.readable = each.do === "mend";
    };

    scheduler.scheduleSequence(steps.map((each) => ({ label: each.do, builder: () => start(each) })));
    await scheduler.waitIdle();
    await Promise.all(asked);
    // In the end the first source whose token nobody refused.
    const stored = state.readable ? [state.stored] : [];
    const expected = [...unsaved, ...stored, envToken].find((each) => each !== null && !refused.has(each));
    expect(await scheduler.waitFor(auth.refreshCache())).toBe(expected);
  };
  const steps = fc.array(step, { minLength: 1, maxLength: 12 });
  const failures = fc.array(fc.boolean(), { maxLength: 6 });
  await always(fc.asyncProperty(fc.scheduler(), steps, failures, check));
});
