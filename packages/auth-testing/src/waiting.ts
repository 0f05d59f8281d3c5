/** How long a notice may take. Below the five seconds after which most runners give a test up. */
const NOTICE_MS = 4_000;

/** How long a notice that must not come is waited for, after others have arrived. */
const SILENCE_MS = 50;

/** A listener that counts its calls and can be waited for. */
export interface Notices {
  readonly changed: () => void;
  count(): number;
  /** Settles when there have been more calls than `count`; rejects when there are none for four seconds. */
  moreThan(count: number): Promise<void>;
}

export function createNotices(): Notices {
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
          const late = () => reject(new Error(`no notice within ${NOTICE_MS} ms`));
          // Without a timer it is waited for as long as the runner lets a test run.
          const timer = typeof setTimeout === "function" ? setTimeout(late, NOTICE_MS) : undefined;
          waiting.push(() => {
            if (typeof clearTimeout === "function") clearTimeout(timer as never);
            resolve();
          });
        });
      }
    },
  };
}

/** Gives a notice that should not come the time to come. */
export const silence = (): Promise<void> => pause(SILENCE_MS);

/** Lets everything else have its turn, I/O included: awaiting what is there already gives way to nothing. */
export const breathe = (): Promise<void> => pause(0);

async function pause(delayMs: number): Promise<void> {
  if (typeof setTimeout !== "function") return;
  const after = setTimeout;
  await new Promise<void>((resolve) => after(resolve, delayMs));
}
