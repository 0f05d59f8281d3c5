import type { Awaitable, Signal, TokenStorage } from "@x/auth-core";
import { type Faults, faulty, turn } from "./faults.ts";

/** Accepts options but ignores them. */
const deaf = (name: "read" | "write" | "replace" | "remove" | "probe") =>
  faulty((good): Partial<TokenStorage> => {
    const { read, write, replace, remove } = good;
    const deafened: Required<Pick<TokenStorage, "read" | "write" | "replace" | "remove" | "probe">> = {
      probe(_options) {},
      read: (_options) => read(),
      write: (token, _options) => write(token),
      replace: (expected, token, _options) => replace?.(expected, token) ?? false,
      remove: (_options) => remove?.(),
    };
    return { [name]: deafened[name] };
  });

/** Rejects when its signal aborts, and does its work a little later. */
const late = (name: "replace" | "remove") =>
  faulty((good): Partial<TokenStorage> => {
    const later = async <T>(signal: Signal | undefined, work: () => Awaitable<T>): Promise<T> => {
      if (signal?.aborted) throw signal.reason;
      await Promise.resolve();
      if (!signal?.aborted) return work();
      void turn().then(work);
      throw signal.reason;
    };
    const { replace, remove } = good;
    const delayed: Required<Pick<TokenStorage, "replace" | "remove">> = {
      replace: (expected, token, options) =>
        later(options?.signal, () => replace?.(expected, token) ?? false),
      remove: (options) => later(options?.signal, async () => remove?.()),
    };
    return { [name]: delayed[name] };
  });

export const aborting: Faults = {
  "rejects a read whose signal is aborted (if read takes options)": {
    "reads despite its signal": deaf("read"),
  },
  "writes nothing when the signal is aborted (if write takes options)": {
    "writes despite its signal": deaf("write"),
    // Such a parameter does not count in the method's length.
    "writes despite a signal in a parameter with a default": faulty((good) => ({
      async write(token, { signal } = {}) {
        await good.write(token);
        if (signal?.aborted) throw signal.reason;
      },
    })),
    "rejects after writing": faulty((good) => ({
      async write(token, options) {
        await good.write(token);
        if (options?.signal?.aborted) throw options.signal.reason;
      },
    })),
    "rejects with its own reason": faulty((good) => ({
      write(token, options) {
        if (options?.signal?.aborted) throw new Error("aborted");
        return good.write(token);
      },
    })),
  },
  "replaces nothing when the signal is aborted (if replace takes options)": {
    "replaces despite its signal": deaf("replace"),
  },
  "removes nothing when the signal is aborted (if remove takes options)": {
    "removes despite its signal": deaf("remove"),
  },
  "writes nothing after an aborted write has settled (if write takes options)": {
    "rejects immediately, but writes later": faulty((good) => ({
      async write(token, options) {
        if (options?.signal?.aborted) throw options.signal.reason;
        await Promise.resolve();
        if (!options?.signal?.aborted) return good.write(token);
        void turn().then(() => good.write(token));
        throw options.signal.reason;
      },
    })),
  },
  "replaces nothing after an aborted replacement has settled (if replace takes options)": {
    "rejects immediately, but replaces later": late("replace"),
  },
  "removes nothing after an aborted removal has settled (if remove takes options)": {
    "rejects immediately, but removes later": late("remove"),
  },
  "rejects a probe whose signal is aborted (if probe takes options)": {
    "probes despite its signal": deaf("probe"),
  },
  "ends a watch when its signal aborts (if watch takes options)": {
    "watches despite its signal": faulty((good) => ({
      watch: (changed, _options) => good.watch?.(changed) ?? (() => {}),
    })),
    "watches despite a signal that had aborted before": faulty((good) => ({
      watch(changed, options) {
        const isLate = options?.signal?.aborted;
        return good.watch?.(changed, isLate ? {} : options) ?? (() => {});
      },
    })),
  },
};
