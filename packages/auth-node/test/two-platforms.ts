import type { FileStorageEvent } from "../src/file/events.ts";
import type { FileTokenStorageOptions } from "../src/file/file-storage-types.ts";
import { fileTokenStorage } from "../src/file/file-token-storage.ts";

export const A = "https://a.example";
export const B = "http://127.0.0.1:8787";
/** Where a platform's token is set aside while the file holds another one's. */
export const ASIDE_A = ".auth_token@https_a.example_443";
export const ASIDE_B = ".auth_token@http_127.0.0.1_8787";
export const LIST = ".auth_token.origins";

const tokenOf = (name: string) => `${name}-s3cr3t-token-0123456789abcdefghij`;
export const TOKEN_A = tokenOf("a");
export const TOKEN_B = tokenOf("b");
export const TOKEN_B2 = tokenOf("b2");
export const FROM_PYTHON = tokenOf("python");

type Options = Pick<FileTokenStorageOptions, "io" | "tighten" | "workspaceId">;

/** The storage of a process configured for one platform. */
export function configured(dir: string, platformUrl: string, options: Options = {}) {
  const events: FileStorageEvent[] = [];
  const storage = fileTokenStorage({
    configsDir: dir,
    platformUrl,
    onEvent: (event) => void events.push(event),
    ...options,
  });
  return { ...storage, storage, events };
}
