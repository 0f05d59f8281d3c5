/** How long to wait for a notification. Less than the five seconds after which most runners fail a test. */
const NOTIFICATION_MS = 4_000;

/** How long to wait for a notification that must not come, after others have arrived. */
const SILENCE_MS = 50;

/** A listener that counts its calls. */
export interface ChangeCounter {
  readonly changed: () => void;
  count(): number;
  /** Settles once there were more than `count` calls; rejects after four seconds. */
  moreThan(count: number): Promise<void>;
}

export function createChangeCounter(): ChangeCounter {
  let calls = 0;
  let waiting: (() => void)[] = [];
  return {
    changed() {
      calls += 1;
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    count: () => calls,
    async moreThan(count) {
      while (calls <= count) {
        await new Promise<void>((resolve, reject) => {
          const late = () => reject(new Error(`no notification within ${NOTIFICATION_MS} ms`));
          // Without a timer, the test runner's own limit applies.
          const timer = typeof setTimeout === "function" ? setTimeout(late, NOTIFICATION_MS) : undefined;
          waiting.push(() => {
            if (typeof clearTimeout === "function") clearTimeout(timer as never);
            resolve();
          });
        });
      }
    },
  };
}

/** Waits long enough for an unwanted notification to arrive. */
export const silence = (): Promise<void> => pause(SILENCE_MS);

/** Yields to all other work, including I/O, which awaiting a settled promise does not. */
export const breathe = (): Promise<void> => pause(0);

async function pause(delayMs: number): Promise<void> {
  if (typeof setTimeout !== "function") return;
  const after = setTimeout;
  await new Promise<void>((resolve) => after(resolve, delayMs));
}
