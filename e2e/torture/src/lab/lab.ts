import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";

/** A place to experiment in, of which nothing stays. */
export interface Lab {
  /** A new directory, on the disk that temporary files are on unless told otherwise. */
  directory(parent?: string): string;
  /** Mounts something, and says where. */
  mount(what: string, options: readonly string[], at?: string): string;
  /** What is to be done at the end, the last first. */
  undo(action: () => void): void;
  /** A lab within this one, for as long as `experiment` takes. */
  within<T>(experiment: (lab: Lab) => Promise<T>): Promise<T>;
  /** Undoes everything; can be called at any moment, and again. */
  end(): void;
}

export function createLab(): Lab {
  const actions: (() => void)[] = [];
  const lab: Lab = {
    directory(parent = os.tmpdir()) {
      const path = fs.mkdtempSync(join(parent, "torture-"));
      lab.undo(() => fs.rmSync(path, { recursive: true, force: true }));
      // Other users take part.
      fs.chmodSync(path, 0o755);
      return path;
    },
    mount(what, options, at = lab.directory()) {
      run("mount", [...options, what, at]);
      // Lazily: a process that has just been killed may not be gone yet.
      lab.undo(() => run("umount", ["-l", at]));
      return at;
    },
    undo: (action) => void actions.push(action),
    async within(experiment) {
      const inner = createLab();
      lab.undo(inner.end);
      try {
        return await experiment(inner);
      } finally {
        inner.end();
      }
    },
    end() {
      for (let action = actions.pop(); action !== undefined; action = actions.pop()) quietly(action);
    },
  };
  return lab;
}

/** Runs a system program to its end; what it complains about becomes the error. */
export function run(program: string, options: readonly string[]): void {
  execFileSync(program, options, { stdio: ["ignore", "ignore", "pipe"] });
}

export function unmount(path: string): void {
  run("umount", [path]);
}

/** One thing that cannot be undone must not keep the others. */
function quietly(action: () => void): void {
  try {
    action();
  } catch (error) {
    console.error(`Could not undo something: ${error instanceof Error ? error.message : String(error)}`);
  }
}
