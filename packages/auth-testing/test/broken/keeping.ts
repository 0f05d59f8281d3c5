import { memoryTokenStorage } from "@x/auth-core";
import { type Broken, faulty } from "./faults.ts";

const AS_DATA = "returns text that resembles data unchanged";

export const keeping: readonly Broken[] = [
  {
    fault: "returns undefined when empty",
    caughtBy: "is empty at first",
    create: faulty((good) => ({
      read: async () => ((await good.read()) ?? undefined) as unknown as string | null,
    })),
  },
  {
    fault: "returns an empty text when empty",
    caughtBy: "is empty at first",
    create: faulty((good) => ({ read: async () => (await good.read()) ?? "" })),
  },
  {
    fault: "stores nothing",
    caughtBy: "returns the written token",
    create: faulty(() => ({ write() {} })),
  },
  {
    fault: "settles before storing",
    caughtBy: "returns the written token",
    create: faulty((good) => ({ write: (token) => void setImmediate(() => good.write(token)) })),
  },
  {
    fault: "coerces text that resembles a value",
    caughtBy: AS_DATA,
    create: faulty((good) => ({
      async read() {
        const text = await good.read();
        try {
          return text === null ? null : JSON.parse(text);
        } catch {
          return text;
        }
      },
    })),
  },
  {
    fault: "strips quotes",
    caughtBy: AS_DATA,
    create: faulty((good) => ({ read: async () => (await good.read())?.replace(/^"|"$/g, "") ?? null })),
  },
  {
    fault: "trims inner spaces, too",
    caughtBy: AS_DATA,
    create: faulty((good) => ({ read: async () => (await good.read())?.replace(/ +/g, " ") ?? null })),
  },
  {
    fault: "treats the word null as empty",
    caughtBy: AS_DATA,
    create: faulty((good) => ({
      read: async () => ((await good.read()) === "null" ? null : good.read()),
    })),
  },
  {
    fault: "ends at a semicolon, like a cookie",
    caughtBy: "returns every printable ASCII character",
    create: faulty((good) => ({ read: async () => (await good.read())?.split(";")[0] ?? null })),
  },
  {
    fault: "stores at most 4 KiB",
    caughtBy: "returns a single character, and the longest allowed token",
    create: faulty((good) => ({ write: (token) => good.write(token.slice(0, 4_096)) })),
  },
  {
    fault: "forgets a token that was read",
    caughtBy: "returns the same token on every read",
    create: () => {
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
  {
    fault: "stores a separate token per handle",
    caughtBy: "makes a written token visible to another handle",
    create: () => ({ storage: memoryTokenStorage(), reopen: () => memoryTokenStorage() }),
  },
  {
    fault: "shows the token in its location",
    caughtBy: "has a location that does not contain the token",
    create: () => {
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
  },
  {
    fault: "has no location",
    caughtBy: "has a location that does not contain the token",
    create: faulty(() => ({ location: " " })),
  },
];
