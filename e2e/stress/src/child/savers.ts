import fs from "node:fs";
import { join } from "node:path";
import type { ImplementationId } from "../implementations.ts";

export type Save = (token: string) => Promise<void>;

/**
 * Saves with each implementation as its documentation says: defaults, readable by the owner only.
 *
 * @returns a function that opens a directory to save in
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
        // Creating directories is up to the caller.
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
      throw new Error("The Python implementation is a separate program.");
  }
}
