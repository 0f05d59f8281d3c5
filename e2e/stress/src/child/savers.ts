import fs from "node:fs";
import { join } from "node:path";
import type { ImplementationId } from "../implementations.ts";

export type Save = (token: string) => Promise<void>;

/**
 * How each implementation's users save: as its documentation says, with its defaults, and for the owner alone.
 *
 * @returns what opens a directory to save in
 */
export async function loadImplementation(id: ImplementationId): Promise<(directory: string) => Save> {
  switch (id) {
    case "ours": {
      const { fileTokenStorage } = await import("@x/auth-node");
      return (directory) => {
        const storage = fileTokenStorage({ configsDir: directory });
        return async (token) => storage.write(token);
      };
    }
    case "write-file-atomic": {
      const { default: writeFileAtomic } = await import("write-file-atomic");
      return (directory) => {
        // It leaves directories to its caller.
        fs.mkdirSync(directory, { recursive: true });
        return (token) => writeFileAtomic(join(directory, "token"), token, { mode: 0o600 });
      };
    }
    case "atomically": {
      const { writeFile } = await import("atomically");
      return (directory) => (token) => writeFile(join(directory, "token"), token, { mode: 0o600 });
    }
    case "conf": {
      const { default: Conf } = await import("conf");
      return (directory) => {
        const conf = new Conf<{ token: string }>({ cwd: directory, configFileMode: 0o600 });
        return async (token) => conf.set("token", token);
      };
    }
    case "python":
      throw new Error("That one is a program of its own.");
  }
}
