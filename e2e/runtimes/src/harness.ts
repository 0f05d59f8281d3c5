/** A minimal test API that works everywhere: no test runner supports both service workers and workerd. */
interface Runner {
  readonly describe: (name: string, body: () => void) => void;
  readonly it: (name: string, body: () => unknown) => void;
}

/** Registers tests with any runner. */
export type Suite = (runner: Runner) => void;

/** Plain data: it travels through a pipe, a message or an HTTP response. */
export interface Outcome {
  readonly passed: number;
  readonly failed: readonly { readonly name: string; readonly error: string }[];
}

/** A hanging test must not block the entire run. */
const LIMIT_MS = 20_000;

/** Runs a suite's tests one after the other. */
export async function run(suite: Suite): Promise<Outcome> {
  const tests: { name: string; body: () => unknown }[] = [];
  let path: string[] = [];
  suite({
    describe(name, body) {
      path = [...path, name];
      body();
      path = path.slice(0, -1);
    },
    it(name, body) {
      tests.push({ name: [...path, name].join(" > "), body });
    },
  });
  const failed: { name: string; error: string }[] = [];
  for (const { name, body } of tests) {
    try {
      await within(LIMIT_MS, body);
    } catch (error) {
      failed.push({
        name,
        error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      });
    }
  }
  return { passed: tests.length - failed.length, failed };
}

async function within(limitMs: number, body: () => unknown): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([body(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
