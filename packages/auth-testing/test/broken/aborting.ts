import type { TokenStorage } from "@x/auth-core";
import { type Broken, faulty, turn } from "./faults.ts";

/** Declares its options, and does not heed them. */
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
    fault: "reads in spite of its signal",
    caughtBy: "rejects a read whose signal is aborted (if read takes options)",
    create: deaf("read"),
  },
  {
    fault: "writes in spite of its signal",
    caughtBy: "writes nothing when the signal is aborted (if write takes options)",
    create: deaf("write"),
  },
  {
    fault: "rejects when it has written",
    caughtBy: "writes nothing when the signal is aborted (if write takes options)",
    create: faulty((good) => ({
      async write(token, options) {
        await good.write(token);
        if (options?.signal?.aborted) throw options.signal.reason;
      },
    })),
  },
  {
    fault: "rejects with a reason of its own",
    caughtBy: "writes nothing when the signal is aborted (if write takes options)",
    create: faulty((good) => ({
      write(token, options) {
        if (options?.signal?.aborted) throw new Error("aborted");
        return good.write(token);
      },
    })),
  },
  {
    fault: "replaces in spite of its signal",
    caughtBy: "replaces nothing when the signal is aborted (if replace takes options)",
    create: deaf("replace"),
  },
  {
    fault: "removes in spite of its signal",
    caughtBy: "removes nothing when the signal is aborted (if remove takes options)",
    create: deaf("remove"),
  },
  {
    fault: "rejects at once, and writes later",
    caughtBy: "writes nothing more once an aborted write has settled (if write takes options)",
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
    fault: "watches in spite of its signal",
    caughtBy: "ends a watch when its signal aborts (if watch takes options)",
    create: faulty((good) => ({
      watch: (changed, _options) => good.watch?.(changed) ?? (() => {}),
    })),
  },
];
