import type { TokenStorage } from "@x/auth-core";
import { ensure, ensureFails, ensureSame } from "./assert.ts";
import { another, type PromiseThat } from "./fixture.ts";
import { createChangeCounter, silence } from "./waiting.ts";

const OLD = "stored-before";
const NEW = "aborted-before-stored";

/** An aborted call writes nothing afterwards. Methods without a parameter for options are not checked. */
export function aborting(promiseThat: PromiseThat): void {
  promiseThat("rejects a read whose signal is aborted (if read takes options)", async ({ storage }) => {
    if (storage.read.length < 1) return;
    const [signal, reason] = aborted();
    ensure(
      (await ensureFails(() => storage.read({ signal }), "reading with an aborted signal")) === reason,
      "the read rejects with the signal's reason",
    );
  });

  const whenWritten = (
    name: string,
    part: "write" | "replace" | "remove",
    call: (storage: TokenStorage, signal: AbortSignal) => unknown,
  ) =>
    promiseThat(name, async (fixture) => {
      const { storage } = fixture;
      const method = storage[part];
      if (method === undefined || method.length < TAKES_OPTIONS[part]) return;
      await storage.write(OLD);
      const [signal, reason] = aborted();
      const failure = await ensureFails(() => call(storage, signal), `${part} with an aborted signal`);
      ensure(failure === reason, `${part} rejects with the signal's reason`);
      await silence();
      ensureSame(await (await another(fixture)).read(), OLD, "reading after the aborted call");
    });

  whenWritten(
    "writes nothing when the signal is aborted (if write takes options)",
    "write",
    (storage, signal) => storage.write(NEW, { signal }),
  );
  whenWritten(
    "replaces nothing when the signal is aborted (if replace takes options)",
    "replace",
    (storage, signal) => storage.replace?.(OLD, NEW, { signal }),
  );
  whenWritten(
    "removes nothing when the signal is aborted (if remove takes options)",
    "remove",
    (storage, signal) => storage.remove?.({ signal }),
  );

  promiseThat("rejects a probe whose signal is aborted (if probe takes options)", async ({ storage }) => {
    if (storage.probe === undefined || storage.probe.length < 1) return;
    const [signal, reason] = aborted();
    const failure = await ensureFails(() => storage.probe?.({ signal }), "a probe with an aborted signal");
    ensure(failure === reason, "the probe rejects with the signal's reason");
  });

  const afterwards = (
    name: string,
    part: "write" | "replace" | "remove",
    call: (storage: TokenStorage, signal: AbortSignal) => unknown,
  ) =>
    promiseThat(`${name} (if ${part} takes options)`, async (fixture) => {
      const { storage } = fixture;
      const method = storage[part];
      if (method === undefined || method.length < TAKES_OPTIONS[part]) return;
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
    if (storage.watch === undefined || storage.watch.length < 2) return;
    const control = new AbortController();
    const [ending, staying] = [createChangeCounter(), createChangeCounter()];
    const stops = [
      storage.watch(ending.changed, { signal: control.signal }),
      storage.watch(ending.changed, { signal: aborted()[0] }),
      storage.watch(staying.changed),
    ];
    try {
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

/** The number of parameters of a method that accepts options. */
const TAKES_OPTIONS = { write: 2, replace: 3, remove: 1 };

function aborted(): [AbortSignal, unknown] {
  const control = new AbortController();
  const reason = new Error("aborted by the suite");
  control.abort(reason);
  return [control.signal, reason];
}
