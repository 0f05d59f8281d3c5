import { chmod, writeFile } from "node:fs/promises";
import type { Emit } from "./events.ts";

/** Where and how a rotated token is written. */
interface TokenFile {
  readonly file: string;
  /** How long after the rotation, in real milliseconds. */
  readonly delayMs: number;
  /** Set after writing, as a provisioner running as root does; left alone when undefined. */
  readonly mode?: number | undefined;
}

/** Writes rotated tokens into files, the way the platform's provisioner does. */
export interface Provisioner {
  /** Writes the token in place later on. Never rejects: what happened is an event. */
  schedule(workspaceId: string, token: string, target: TokenFile): void;
  /** Writes at once what is still waiting, and settles when all of it is done. */
  flush(): Promise<void>;
}

/** Makes a provisioner with nothing to write. */
export function createProvisioner(emit: Emit): Provisioner {
  const waiting = new Map<NodeJS.Timeout, () => void>();
  const underWay = new Set<Promise<void>>();

  const write = async (workspaceId: string, token: string, { file, mode }: TokenFile) => {
    try {
      // In place and truncating first, with all that this entails for whoever reads at that moment.
      await writeFile(file, token, { flag: "w" });
      if (mode !== undefined) await chmod(file, mode);
      emit({ type: "token-file-written", workspaceId, file });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      emit({ type: "token-file-failed", workspaceId, file, reason });
    }
  };

  return {
    schedule(workspaceId, token, target) {
      const start = () => {
        waiting.delete(timer);
        clearTimeout(timer);
        const writing: Promise<void> = write(workspaceId, token, target).finally(() =>
          underWay.delete(writing),
        );
        underWay.add(writing);
      };
      const timer = setTimeout(start, target.delayMs);
      waiting.set(timer, start);
    },
    async flush() {
      for (const start of [...waiting.values()]) start();
      await Promise.all(underWay);
    },
  };
}
