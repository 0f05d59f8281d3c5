import { memoryTokenStorage } from "@x/auth-core";
import { type Faults, faulty } from "./faults.ts";

export const keeping: Faults = {
  "is empty at first": {
    "returns undefined when empty": faulty((good) => ({
      read: async () => ((await good.read()) ?? undefined) as unknown as string | null,
    })),
    "returns an empty text when empty": faulty((good) => ({ read: async () => (await good.read()) ?? "" })),
  },
  "returns the written token": {
    "stores nothing": faulty(() => ({ write() {} })),
    "settles before storing": faulty((good) => ({
      write: (token) => void setImmediate(() => good.write(token)),
    })),
  },
  "returns text that resembles data unchanged": {
    "coerces text that resembles a value": faulty((good) => ({
      async read() {
        const text = await good.read();
        try {
          return text === null ? null : JSON.parse(text);
        } catch {
          return text;
        }
      },
    })),
    "strips quotes": faulty((good) => ({
      read: async () => (await good.read())?.replace(/^"|"$/g, "") ?? null,
    })),
    "trims inner spaces, too": faulty((good) => ({
      read: async () => (await good.read())?.replace(/ +/g, " ") ?? null,
    })),
    "treats the word null as empty": faulty((good) => ({
      read: async () => ((await good.read()) === "null" ? null : good.read()),
    })),
  },
  "returns every printable ASCII character": {
    "ends at a semicolon, like a cookie": faulty((good) => ({
      read: async () => (await good.read())?.split(";")[0] ?? null,
    })),
  },
  "returns a single character, and the longest allowed token": {
    "stores at most 4 KiB": faulty((good) => ({ write: (token) => good.write(token.slice(0, 4_096)) })),
  },
  "returns the same token on every read": {
    "forgets a token that was read": () => {
      let stored: string | null = null;
      return {
        storage: {
          location: "memory",
          read() {
            const text = stored;
            stored = null;
            return text;
          },
          write(token) {
            stored = token;
          },
        },
      };
    },
  },
  "makes a written token visible to another handle": {
    "stores a separate token per handle": () => ({
      storage: memoryTokenStorage(),
      reopen: () => memoryTokenStorage(),
    }),
  },
  "has a location that does not contain the token": {
    "shows the token in its location": () => {
      const good = memoryTokenStorage();
      return {
        storage: {
          get location() {
            return `memory (${good.read()})`;
          },
          read: () => good.read(),
          write: (token) => good.write(token),
        },
      };
    },
    "has no location": faulty(() => ({ location: " " })),
  },
};
