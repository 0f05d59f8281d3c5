import fc from "fast-check";
import { expect, it } from "vitest";
import type { PostgresTokenStore } from "../src/index.ts";
import { REF, TestServer } from "./server.ts";

const server = new TestServer({ fsync: "off" });
const seed = Number(process.env.FC_SEED ?? 7);

/** One state of the row, which replaced others. */
interface Version {
  readonly token: string | null;
  readonly replaced: ReadonlySet<Version>;
}

type Step =
  | { readonly do: "read" | "restore" | "remove" | "restart"; readonly by: number }
  | { readonly do: "write"; readonly by: number; readonly token: string }
  | { readonly do: "replace"; readonly by: number; readonly expected: string | null; readonly token: string }
  | { readonly do: "copy" }
  | { readonly do: "fail over"; readonly to: number };

const by = fc.nat({ max: 2 });
// Few, so that tokens come back.
const token = fc.constantFrom("one", "two", "three");
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("read" as const, "restore" as const), by }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("remove" as const, "restart" as const), by }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("write" as const), by, token }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("replace" as const),
      by,
      expected: fc.option(token, { nil: null }),
      token,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("copy" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("fail over" as const), to: fc.nat({ max: 5 }) }) },
);

/** What should be stored, and what each process should know. */
class Model {
  /** `null`: there is no row. */
  current: Version | null = null;
  readonly copies: (Version | null)[] = [null];
  readonly seen: (Version | null)[] = [null, null, null];

  /** A row that this process knows to have been replaced, or to be missing, is replaced. */
  look(process: number): boolean {
    const seen = this.seen[process] ?? null;
    const isLost = seen !== null && (this.current === null || seen.replaced.has(this.current));
    if (isLost) this.current = seen;
    return isLost;
  }

  read(process: number): string | null {
    this.look(process);
    if (this.current !== null) this.seen[process] = this.current;
    return this.current?.token ?? null;
  }

  change(process: number, token: string | null): void {
    const replaced = this.current === null ? [] : [this.current, ...this.current.replaced];
    this.current = { token, replaced: new Set(replaced) };
    this.seen[process] = this.current;
  }

  replace(process: number, expected: string | null, token: string): boolean {
    const seen = this.seen[process] ?? null;
    if (seen !== null && seen.token !== expected) this.read(process);
    const isReplaced = (this.current?.token ?? null) === expected;
    if (isReplaced) this.change(process, token);
    return isReplaced;
  }

  remove(process: number): void {
    if (this.current?.token != null) this.change(process, null);
    else this.seen[process] = null;
  }
}

it("no process loses what it knows, and none undoes what it does not know, however the database fails over", async () => {
  let id = 0;
  const { fleet, keys, store } = await server.prepared();
  const table = `"${fleet}".token`;
  const open = () => server.open({ fleet, keys });
  const processes: PostgresTokenStore[] = [open(), open(), open()];
  const property = fc.asyncProperty(fc.array(step, { maxLength: 25, size: "max" }), async (steps) => {
    id += 1;
    const ref = { ...REF, workspaceId: `agent-${id}` };
    const own = `id = '${ref.workspaceId}' and kind = 'auth'`;
    const model = new Model();
    const copies: unknown[][] = [[]];
    for (const each of steps) {
      if (each.do === "copy") {
        const { rows } = await server.query(`select * from ${table} where ${own}`);
        copies.push(rows);
        model.copies.push(model.current);
        continue;
      }
      if (each.do === "fail over") {
        const index = each.to % copies.length;
        await server.query(`delete from ${table} where ${own}`);
        for (const row of (copies[index] ?? []) as Record<string, unknown>[])
          await server.query(`insert into ${table} values ($1, $2, $3, $4, $5, $6, $7)`, Object.values(row));
        model.current = model.copies[index] ?? null;
        continue;
      }
      const process = processes[each.by] as PostgresTokenStore;
      const storage = process.storage(ref);
      if (each.do === "read") expect(await storage.read()).toBe(model.read(each.by));
      if (each.do === "restore") expect(await process.restore()).toBe(Number(model.look(each.by)));
      if (each.do === "restart") {
        process.forget(ref);
        model.seen[each.by] = null;
      }
      if (each.do === "write") {
        await storage.write(each.token);
        model.change(each.by, each.token);
      }
      if (each.do === "remove") {
        await storage.remove();
        model.remove(each.by);
      }
      if (each.do === "replace") {
        const { expected, token } = each;
        expect(await storage.replace(expected, token)).toBe(model.replace(each.by, expected, token));
      }
      expect(await store.storage(ref).read()).toBe(model.current?.token ?? null);
      store.forget(ref);
    }
    for (const process of processes) process.forget(ref);
  });
  await fc.assert(property, { numRuns: 60, seed, endOnFailure: false });
}, 120_000);
