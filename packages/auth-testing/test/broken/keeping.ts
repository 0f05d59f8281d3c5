import { memoryTokenStorage } from "@x/auth-core";
import { type Broken, faulty } from "./faults.ts";

const AS_DATA = "gives back text that looks like data as the same text";

export const keeping: readonly Broken[] = [
  {
    fault: "gives undefined where nothing is stored",
    caughtBy: "holds nothing at first",
    create: faulty((good) => ({
      read: async () => ((await good.read()) ?? undefined) as unknown as string | null,
    })),
  },
  {
    fault: "gives an empty text where nothing is stored",
    caughtBy: "holds nothing at first",
    create: faulty((good) => ({ read: async () => (await good.read()) ?? "" })),
  },
  {
    fault: "stores nothing",
    caughtBy: "gives back what was written",
    create: faulty(() => ({ write() {} })),
  },
  {
    fault: "settles before it has stored",
    caughtBy: "gives back what was written",
    create: faulty((good) => ({ write: (token) => void setImmediate(() => good.write(token)) })),
  },
  {
    fault: "coerces what looks like a value",
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
    fault: "trims inner blanks too",
    caughtBy: AS_DATA,
    create: faulty((good) => ({ read: async () => (await good.read())?.replace(/ +/g, " ") ?? null })),
  },
  {
    fault: "takes the word null for nothing",
    caughtBy: AS_DATA,
    create: faulty((good) => ({
      read: async () => ((await good.read()) === "null" ? null : good.read()),
    })),
  },
  {
    fault: "ends at a semicolon, like a cookie",
    caughtBy: "gives back every printable ASCII character",
    create: faulty((good) => ({ read: async () => (await good.read())?.split(";")[0] ?? null })),
  },
  {
    fault: "holds 4 KiB at most",
    caughtBy: "gives back one character, and the longest token there may be",
    create: faulty((good) => ({ write: (token) => good.write(token.slice(0, 4_096)) })),
  },
  {
    fault: "forgets what has been read",
    caughtBy: "gives the same at every read",
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
    fault: "has a place of its own for each handle",
    caughtBy: "shows another handle what was written",
    create: () => ({ storage: memoryTokenStorage(), reopen: () => memoryTokenStorage() }),
  },
  {
    fault: "shows the token in its location",
    caughtBy: "says where the token is, and not which",
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
    caughtBy: "says where the token is, and not which",
    create: faulty(() => ({ location: " " })),
  },
];
