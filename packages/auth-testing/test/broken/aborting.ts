import type { TokenStorage } from "@x/auth-core";
import { type Broken, faulty, turn } from "./faults.ts";

/** Accepts options but ignores them. */
const deaf = (name: "read" | "write" | "replace" | "remove") =>
  faulty((good): Partial<TokenStorage> => {
    const { read, write, replace, remove } = good;
    const deafened: Required<Pick<TokenStorage, "read" | "write" | "replace" | "remove">> = {
      read: (_options) => read(),
      write: (token, _options) => write(token),
      replace: (expected, token, _options) => replace?.(expected, token) ?? false,
      remove: (_options) => remove?.(),
    };
    return { [name]: deafened[name] };
  });

export const aborting: readonly Broken[] = [
  {
    fault: "reads despite its signal",
    caughtBy: "rejects a read whose signal is aborted (if read takes options)",
    create: deaf("read"),
  },
  {
    fault: "writes despite its signal",
    caughtBy: "writes nothing when the signal is aborted (if write takes options)",
    create: deaf("write"),
  },
  {
    fault: "rejects after writing",
    caughtBy: "writes nothing when the signal is aborted (if write takes options)",
    create: faulty((good) => ({
      async write(token, options) {
        await good.write(token);
        if (options?.signal?.aborted) throw options.signal.reason;
      },
    })),
  },
  {
    fault: "rejects with its own reason",
    caughtBy: "writes nothing when the signal is aborted (if write takes options)",
    create: faulty((good) => ({
      write(token, options) {
        if (options?.signal?.aborted) throw new Error("aborted");
        return good.write(token);
      },
    })),
  },
  {
    fault: "replaces despite its signal",
    caughtBy: "replaces nothing when the signal is aborted (if replace takes options)",
    create: deaf("replace"),
  },
  {
    fault: "removes despite its signal",
    caughtBy: "removes nothing when the signal is aborted (if remove takes options)",
    create: deaf("remove"),
  },
  {
    fault: "rejects immediately, but writes later",
    caughtBy: "writes nothing after an aborted write has settled (if write takes options)",
    create: faulty((good) => ({
      async write(token, options) {
        if (options?.signal?.aborted) throw options.signal.reason;
        await Promise.resolve();
        if (!options?.signal?.aborted) return good.write(token);
        void turn().then(() => good.write(token));
        throw options.signal.reason;
      },
    })),
  },
  {
    fault: "watches despite its signal",
    caughtBy: "ends a watch when its signal aborts (if watch takes options)",
    create: faulty((good) => ({
      watch: (changed, _options) => good.watch?.(changed) ?? (() => {}),
    })),
  },
];
