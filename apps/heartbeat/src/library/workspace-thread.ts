import { SHARE_ENV, Worker } from "node:worker_threads";
import type { Auth, Env } from "@x/auth-core";
import { openAuth } from "../fleet/workspace-auth.ts";
import type { LogMessage } from "../observability/log-message.ts";
import { createFileStore, type FileStore } from "../storage/file-store.ts";
import { builtFile } from "../storage/own-file.ts";
import type { MessageHandler } from "../workspace/inbox/message.ts";
import type { KeptAlive } from "./keep-alive.ts";
import { callListener } from "./listener.ts";
import { countTurns, createTurns } from "./loop-watch.ts";
import { LocalHandler } from "./message-port.ts";
import { type FromThread, fromPlain, type ThreadData, type ToThread } from "./protocol.ts";
import type { Settings } from "./settings.ts";
import { type RunningStatus, STARTING } from "./workspace-status.ts";

/** Longer than the thread itself needs, because it waits for requests in flight. */
const STOP_MS = 20_000;

export interface WorkspaceThreadOptions {
  readonly settings: Settings;
  /** `undefined`: the process's own environment, read live. */
  readonly env: Env | undefined;
  /** `null` when messages are not fetched. */
  readonly onMessage: MessageHandler | null;
  readonly onLog: (entry: LogMessage) => void;
}

/** A workspace kept alive by its own thread. */
export class WorkspaceThread implements KeptAlive {
  readonly auth: Auth;
  readonly ready: Promise<void>;
  readonly #options: WorkspaceThreadOptions;
  readonly #store: FileStore;
  readonly #worker: Worker;
  readonly #handler: LocalHandler | null;
  readonly #stopped: Promise<void>;
  #status: RunningStatus = STARTING;
  /** What the thread reported when it stopped; `undefined` if it reported nothing. */
  #result: Error | null | undefined;
  #onReady = () => {};
  #onNotReady = (_error: unknown) => {};

  constructor(options: WorkspaceThreadOptions) {
    const { settings, env, onMessage } = options;
    this.#options = options;
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      this.#onNotReady = reject;
    });
    this.ready.catch(() => {});
    this.#store = openStore(settings, env ?? process.env);
    this.auth = openStoredAuth(settings, { store: this.#store, env: env ?? process.env });
    const turns = createTurns();
    const workerData: ThreadData = { settings, handlesMessages: onMessage !== null, turns };
    this.#worker = new Worker(builtFile("workspace-worker.js"), {
      workerData,
      env: env === undefined ? SHARE_ENV : present(env),
      execArgv: [],
      name: "workspace",
    });
    this.#handler = onMessage && new LocalHandler(onMessage, (message) => this.#send(message));
    this.#worker.on("message", (message: FromThread) => this.#receive(message));
    this.#worker.on("error", ({ name }) => {
      this.#log({ level: "error", code: "THREAD_FAILED", text: `the workspace's thread failed (${name})` });
    });
    this.#stopped = this.#end(countTurns(turns));
    this.#stopped.catch(() => {});
  }

  status(): RunningStatus {
    return this.#status;
  }

  async stop(): Promise<void> {
    this.#send({ type: "stop" });
    const timer = setTimeout(() => void this.#worker.terminate(), STOP_MS);
    try {
      await this.#stopped;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Settles when the thread has ended. */
  async #end(stopCounting: () => void): Promise<void> {
    await new Promise((resolve) => this.#worker.once("exit", resolve));
    stopCounting();
    this.#handler?.abortAll("stopping");
    this.#status = { ...this.#status, state: "stopped" };
    this.#onNotReady(new Error("The workspace's thread has ended."));
    await this.#store.close();
    if (this.#result === undefined)
      throw new Error("The workspace's thread exited unexpectedly; nothing is sent any more.");
    if (this.#result !== null) throw this.#result;
  }

  #send(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromThread): void {
    switch (message.type) {
      case "log":
        this.#log(message.entry);
        break;
      case "status":
        this.#status = message.status;
        break;
      case "ready":
        this.#onReady();
        break;
      case "not-ready":
        this.#onNotReady(
          message.error ? fromPlain(message.error) : new DOMException("stopped", "AbortError"),
        );
        break;
      case "message":
        void this.#handler?.begin(message.id, message.message);
        break;
      case "abort":
        this.#handler?.abort(message.id, message.reason);
        break;
      case "stopped":
        this.#result = message.error && fromPlain(message.error);
    }
  }

  #log(entry: LogMessage): void {
    void callListener(this.#options.onLog, entry);
  }
}

/** A thread would read a variable without a value as the text `undefined`. */
const present = (env: Env): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, text]) =>
      text === undefined || text === null ? [] : [[name, text]],
    ),
  );

const openStore = ({ configsDir }: Settings, env: Env): FileStore =>
  createFileStore({ configsDir, env, layout: "single", onEvent() {} });

/** The same token for this thread's own requests: it is read again after a rotation. */
const openStoredAuth = (
  { workspaceId: id, platformUrl }: Settings,
  { store, env }: { readonly store: FileStore; readonly env: Env },
): Auth =>
  openAuth({ id, platformUrl, ownPlatform: false, isListed: false }, { store, env, onAuthEvent() {} });
