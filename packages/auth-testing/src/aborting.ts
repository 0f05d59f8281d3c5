import type { TokenStorage } from "@x/auth-core";
import { ensure, ensureFails, ensureSame } from "./assert.ts";
import { another, type PromiseThat } from "./fixture.ts";
import { createChangeCounter, silence } from "./waiting.ts";

const OLD = "stored-before";
const NEW = "aborted-before-stored";

/** An aborted call writes nothing afterwards. Methods that take no options are not checked. */
export function aborting(promiseThat: PromiseThat): void {
  promiseThat("rejects a read whose signal is aborted (if read takes options)", async ({ storage }) => {
    await failsWithReason("read", storage.read, (options) => storage.read(options));
  });

  const whenWritten = (
    name: string,
    part: "write" | "replace" | "remove",
    call: (storage: TokenStorage, options: Options) => unknown,
  ) =>
    promiseThat(name, async (fixture) => {
      const { storage } = fixture;
      await storage.write(OLD);
      const isTaken = await failsWithReason(part, storage[part], (options) => call(storage, options));
      if (!isTaken) return;
      await silence();
      ensureSame(await (await another(fixture)).read(), OLD, "reading after the aborted call");
    });

  whenWritten(
    "writes nothing when the signal is aborted (if write takes options)",
    "write",
    (storage, options) => storage.write(NEW, options),
  );
  whenWritten(
    "replaces nothing when the signal is aborted (if replace takes options)",
    "replace",
    (storage, options) => storage.replace?.(OLD, NEW, options),
  );
  whenWritten(
    "removes nothing when the signal is aborted (if remove takes options)",
    "remove",
    (storage, options) => storage.remove?.(options),
  );

  promiseThat("rejects a probe whose signal is aborted (if probe takes options)", async ({ storage }) => {
    await failsWithReason("probe", storage.probe, (options) => storage.probe?.(options));
  });

  const afterwards = (
    name: string,
    part: "write" | "replace" | "remove",
    call: (storage: TokenStorage, signal: AbortSignal) => unknown,
  ) =>
    promiseThat(`${name} (if ${part} takes options)`, async (fixture) => {
      const { storage } = fixture;
      if (storage[part] === undefined) return;
      await storage.write(OLD);
      const control = new AbortController();
      const calling = (async () => call(storage, control.signal))();
      control.abort();
      const isDone = await calling.then(
        () => true,
        () => false,
      );
      const then = await storage.read();
      const done = part === "remove" ? null : NEW;
      ensure(
        then === done || (!isDone && then === OLD),
        `reading once the ${part} has settled: got ${String(then)}`,
      );
      await silence();
      ensureSame(await (await another(fixture)).read(), then, "reading some time later");
    });

  afterwards("writes nothing after an aborted write has settled", "write", (storage, signal) =>
    storage.write(NEW, { signal }),
  );
  afterwards("replaces nothing after an aborted replacement has settled", "replace", (storage, signal) =>
    storage.replace?.(OLD, NEW, { signal }),
  );
  afterwards("removes nothing after an aborted removal has settled", "remove", (storage, signal) =>
    storage.remove?.({ signal }),
  );

  promiseThat("ends a watch when its signal aborts (if watch takes options)", async (fixture) => {
    const { storage } = fixture;
    if (storage.watch === undefined) return;
    const control = new AbortController();
    const given = optionsWith(control.signal);
    const [ending, staying] = [createChangeCounter(), createChangeCounter()];
    const stops = [
      storage.watch(ending.changed, given.options),
      storage.watch(ending.changed, { signal: aborted()[0] }),
      storage.watch(staying.changed),
    ];
    try {
      if (!given.isTakenBy(storage.watch, TAKES_OPTIONS.watch)) return;
      control.abort();
      await (await another(fixture)).write(NEW);
      await staying.moreThan(0);
      await silence();
      ensure(ending.count() === 0, "a watcher with an aborted signal is no longer called");
    } finally {
      for (const stop of stops) stop();
    }
  });
}

/** The number of parameters of a method that takes options, without a default for them. */
const TAKES_OPTIONS = { read: 1, write: 2, replace: 3, remove: 1, probe: 1, watch: 2 };

interface Options {
  readonly signal: AbortSignal;
}

/**
 * Options that tell whether a method takes them: it declares them, or reads the signal, because a parameter with a
 * default does not count in a function's `length`.
 */
function optionsWith(signal: AbortSignal) {
  let isRead = false;
  const options: Options = {
    get signal() {
      isRead = true;
      return signal;
    },
  };
  const isTakenBy = (method: { readonly length: number }, least: number) => isRead || method.length >= least;
  return { options, isTakenBy };
}

/** @returns false if the method is missing, or takes no options */
async function failsWithReason(
  part: keyof typeof TAKES_OPTIONS,
  method: { readonly length: number } | undefined,
  call: (options: Options) => unknown,
): Promise<boolean> {
  if (method === undefined) return false;
  const [signal, reason] = aborted();
  const { options, isTakenBy } = optionsWith(signal);
  const what = `${part} with an aborted signal`;
  const [failing] = await Promise.allSettled([ensureFails(() => call(options), what)]);
  if (!isTakenBy(method, TAKES_OPTIONS[part])) return false;
  if (failing.status === "rejected") throw failing.reason;
  ensure(failing.value === reason, `${part} rejects with the signal's reason`);
  return true;
}

function aborted(): [AbortSignal, unknown] {
  const control = new AbortController();
  const reason = new Error("aborted by the suite");
  control.abort(reason);
  return [control.signal, reason];
}
