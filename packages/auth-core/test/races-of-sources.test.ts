import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { createAuth } from "../src/create-auth.ts";
import { always, timeoutMs } from "./support/runs.ts";
import { slowStorage } from "./support/slow-storage.ts";
import { envToken, fileToken, newToken, rotatedToken } from "./support/tokens.ts";

vi.setConfig({ testTimeout: timeoutMs });

type Step =
  | { do: "save" | "reject"; token: string }
  | { do: "change"; token: string | null }
  | { do: "get" | "refresh" | "headers" | "explain" | "clear" | "break" | "repair" };

const token = fc.constantFrom(fileToken, newToken, rotatedToken);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("save" as const), token }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom("get", "refresh", "headers", "explain", "clear") }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reject" as const), token }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("change" as const), token: fc.option(token) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("break", "repair") }) },
);

it("no read returns a stale or rejected token, whatever is saved, rejected, changed by others or unreadable meanwhile", async () => {
  const check = async (scheduler: fc.Scheduler, steps: Step[], failures: boolean[]) => {
    const { state, storage, history, change } = slowStorage(scheduler, fileToken, [...failures]);
    const auth = createAuth({ storage, env: { MOLECULE_WORKSPACE_TOKEN: envToken } });
    auth.watch();
    const rejected = new Set<string>();
    /** Saved tokens that only memory has, according to the events so far. */
    const unsaved: string[] = [];
    const saves: string[] = [];
    /** History before this index is stale: a change event or the end of a save has superseded it. */
    let reported = 0;
    const asked: Promise<void>[] = [];

    const expectCurrent = async (answer: Promise<string | null | undefined>) => {
      const [stored, saved] = [reported, saves.length];
      const rejectedThen = [...rejected];
      const held = [envToken, ...unsaved];
      const given = await answer;
      const current = [...held, ...history.slice(stored), ...saves.slice(saved)];
      expect(current).toContain(given);
      const saidSince = saves.slice(saved);
      if (rejectedThen.some((each) => each === given && !saidSince.includes(each)))
        expect.fail("The token was rejected, and not saved since.");
    };
    const save = async (text: string) => {
      rejected.delete(text);
      saves.push(text);
      // The most recent save counts.
      unsaved.splice(0, unsaved.length, text);
      const turn = saves.length;
      const before = history.length - 1;
      await auth.saveToken(text).then(
        () => {
          expect(history.slice(before)).toContain(text);
          reported = Math.max(reported, history.lastIndexOf(text));
          if (turn === saves.length) unsaved.splice(0);
        },
        () => {},
      );
    };
    const start = async (each: Step) => {
      if (each.do === "save") asked.push(save(each.token));
      else if (each.do === "change") {
        change(each.token);
        reported = history.length - 1;
      } else if (each.do === "reject") {
        rejected.add(each.token);
        auth.rejectToken(each.token);
      } else if (each.do === "get") asked.push(expectCurrent(auth.getToken()));
      else if (each.do === "refresh") asked.push(expectCurrent(auth.refreshCache()));
      else if (each.do === "headers") {
        asked.push(expectCurrent(auth.authHeaders().then((headers) => headers.Authorization?.slice(7))));
      } else if (each.do === "explain") asked.push(auth.explain().then(() => {}));
      else if (each.do === "clear") auth.clearCache();
      else state.readable = each.do === "repair";
    };

    scheduler.scheduleSequence(steps.map((each) => ({ label: each.do, builder: () => start(each) })));
    await scheduler.waitIdle();
    await Promise.all(asked);
    // In the end: the first source whose token was not rejected.
    const stored = state.readable ? [state.stored] : [];
    const expected = [...unsaved, ...stored, envToken].find((each) => each !== null && !rejected.has(each));
    expect(await scheduler.waitFor(auth.refreshCache())).toBe(expected);
  };
  const steps = fc.array(step, { minLength: 1, maxLength: 12 });
  const failures = fc.array(fc.boolean(), { maxLength: 6 });
  await always(fc.asyncProperty(fc.scheduler(), steps, failures, check));
});
