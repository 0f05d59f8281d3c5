import type { BigIntStats } from "node:fs";
import { type ReadFiles, stampOf } from "./file-stamps.ts";
import type { PendingCalls } from "./pending-calls.ts";
import { createConfigFileReader, MAX_CARD_BYTES, MAX_LIST_BYTES } from "./read-config-file.ts";

/** The flags that name files. */
export interface FileFlags {
  readonly workspacesFile?: string;
  /** Path of a JSON file. */
  readonly agentCard?: string;
}

/** The files that the flags name, as they were when they were read. */
export interface ConfigFiles {
  readonly stamps: ReadFiles;
  /** False if one could not be read. */
  readonly isComplete: boolean;
  /** @throws Error with a sentence to append to the path, when it could not be read */
  text(path: string): string;
}

/** Reads them. A file that cannot be read becomes an error when its text is requested. */
export type ReadConfigFiles = (
  flags: FileFlags,
  options?: {
    /** At startup a list may also come through a pipe, which can be read only once. @default false */
    readonly allowPipe?: boolean;
    readonly signal?: AbortSignal;
  },
) => Promise<ConfigFiles>;

/** @param pending also has the calls that it stops waiting for. @default not needed */
export function createConfigFilesReader(pending?: PendingCalls): ReadConfigFiles {
  const read = createConfigFileReader(pending);
  return async ({ workspacesFile, agentCard }, options = {}) => {
    const stamps = new Map<string, string>();
    const texts = new Map<string, string | Error>();
    const load = async (path: string | undefined, maxBytes: number) => {
      if (path === undefined) return;
      stamps.set(path, "");
      const onFound = (found: BigIntStats) => void stamps.set(path, stampOf(found));
      try {
        texts.set(path, await read(path, { ...options, maxBytes, onFound }));
      } catch (error) {
        options.signal?.throwIfAborted();
        texts.set(path, error instanceof Error ? error : new Error(String(error)));
      }
    };
    await Promise.all([load(workspacesFile, MAX_LIST_BYTES), load(agentCard, MAX_CARD_BYTES)]);
    return {
      stamps,
      isComplete: [...texts.values()].every((text) => typeof text === "string"),
      text(path) {
        const text = texts.get(path);
        if (typeof text === "string") return text;
        throw text ?? new Error("it was not read.");
      },
    };
  };
}
