import { parentPort, workerData } from "node:worker_threads";
import { type FileStorageEvent, syncFileSystem } from "@x/auth-node";
import { Cancellation } from "./cancellable.ts";
import { inboxOperations } from "./inbox-operations.ts";
import { configsDirOf, directoryOf } from "./locations.ts";
import type { FileOperations } from "./operations.ts";
import { type Message, type Question, type ThreadData, toPlain } from "./protocol.ts";
import { resultsOperations } from "./results-operations.ts";
import { markRunner } from "./runner-mark.ts";
import { listSpilled, removeEmptyDirectory } from "./spilled.ts";
import { TokenFiles } from "./token-files.ts";
import { WorkspaceDirectories } from "./workspace-directories.ts";
import type { WorkspaceRef } from "./workspace-store.ts";

/**
 * Entry point of a file thread: runs one job after another. The interfaces are asynchronous, but all work is
 * synchronous.
 */

const { cancelled }: ThreadData = workerData;
const send = (message: Message) => parentPort?.postMessage(message);
const cancellation = new Cancellation(cancelled);
const options = {
  io: cancellation.watch(syncFileSystem),
  onEvent: (ref: WorkspaceRef, event: FileStorageEvent) => send({ type: "event", ref, event }),
};
const directories = new WorkspaceDirectories(options);
const tokens = new TokenFiles(directories, options);

const operations: FileOperations = {
  readToken: (file, signal) => tokens.use(file, signal, (storage, options) => storage.read(options)),
  writeToken: ({ file, token }, signal) =>
    tokens.use(file, signal, (storage, options) => storage.write(token, options)),
  replaceToken: ({ file, expected, token }, signal) =>
    tokens.use(file, signal, (storage, options) => storage.replace(expected, token, options)),
  async removeToken({ file, only }, signal) {
    await tokens.use(file, signal, async (storage, options) => {
      if (only === null || (await storage.read(options)) === only) await storage.remove(options);
    });
    if (file.area !== "workspaces") removeEmptyDirectory(directoryOf(file));
  },
  probeToken: (file, signal) => tokens.use(file, signal, (storage, options) => storage.probe(options)),
  listSpilled,
  ...resultsOperations(directories),
  ...inboxOperations(directories),
  markRunner,
  findConfigsDir: configsDirOf,
};

parentPort?.on("message", async ({ id, name, args }: Question) => {
  const signal = cancellation.begin();
  try {
    // The main thread calls `FileOperations` by name, with their arguments.
    const operation = operations[name as keyof FileOperations] as (
      args: unknown,
      signal: AbortSignal,
    ) => unknown;
    send({ type: "done", id, value: await operation(args, signal) });
  } catch (error) {
    if (!signal.aborted || error !== signal.reason)
      return send({ type: "failed", id, error: toPlain(error) });
    // The job's unfinished work is cleaned up before it counts as ended.
    setImmediate(() => send({ type: "cancelled", id }));
  }
});
send({ type: "ready" });
