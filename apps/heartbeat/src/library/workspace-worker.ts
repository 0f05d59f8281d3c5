import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../clock.ts";
import { keepAlive } from "./keep-alive.ts";
import { LoopWatch } from "./loop-watch.ts";
import { RemoteHandler } from "./message-port.ts";
import { type FromThread, type ThreadData, type ToThread, toPlain } from "./protocol.ts";

/** Entry point of the thread that keeps a workspace alive while the main thread may be blocked. */

const { settings, handlesMessages, turns }: ThreadData = workerData;
const send = (message: FromThread) => parentPort?.postMessage(message);
const handler = new RemoteHandler(send);
const watch = new LoopWatch({
  turns,
  clock: systemClock(),
  wedgedAfterMs: settings.wedgedAfterMs,
  onTurning(blockedMs) {
    const text = `the event loop was blocked for ${Math.round(blockedMs / 1_000)} s; its heartbeats reported it as wedged`;
    send({ type: "log", entry: { level: "warn", code: "EVENT_LOOP_BLOCKED", text } });
  },
});
const workspace = keepAlive({
  settings,
  env: process.env,
  onMessage: handlesMessages ? handler.handle : null,
  onLog: (entry) => send({ type: "log", entry }),
  onChange: () => queueMicrotask(sendStatus),
  runtime: () => watch.report(),
});

function sendStatus(): void {
  send({ type: "status", status: workspace.status() });
}

// The status first: who waited for `ready` may ask for it at once.
workspace.ready.then(
  () => {
    sendStatus();
    send({ type: "ready" });
  },
  (error: unknown) => {
    sendStatus();
    send({ type: "not-ready", error: toPlain(error) });
  },
);

parentPort?.on("message", (message: ToThread) => {
  if (message.type === "stop") void stop();
  else handler.receive(message);
});

async function stop(): Promise<void> {
  const error = await workspace.stop().then(
    () => null,
    (reason: unknown) => toPlain(reason),
  );
  watch.close();
  sendStatus();
  send({ type: "stopped", error });
  parentPort?.close();
}
