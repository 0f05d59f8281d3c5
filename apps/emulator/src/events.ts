import type { FaultEvent } from "./faults.ts";
import type { Status } from "./liveness.ts";

/** What happened, apart from when. Tokens appear as their first 8 characters, as people see them. */
export type EmulatorEventBody =
  | {
      readonly type: "registered";
      readonly workspaceId: string;
      readonly status: Status;
      readonly tokenIssued: boolean;
    }
  /** `status` is null for an id that the platform does not know: answered 200, and nothing changed. */
  | { readonly type: "heartbeat"; readonly workspaceId: string; readonly status: Status | null }
  | { readonly type: "card-updated"; readonly workspaceId: string }
  /** `from` is null for what a person typed: a message that names no workspace as its source. */
  | {
      readonly type: "message";
      readonly workspaceId: string;
      readonly from: string | null;
      readonly queued: boolean;
    }
  | {
      readonly type: "unauthorized";
      readonly workspaceId: string;
      readonly method: string;
      readonly path: string;
      readonly reason: "missing" | "invalid";
    }
  /** A change of status, found when the workspace was read: `type` is the new one. */
  | {
      readonly type: "online" | "offline" | "degraded" | "awaiting_agent" | "paused";
      readonly workspaceId: string;
      readonly from: Status | null;
    }
  | { readonly type: "created"; readonly workspaceId: string }
  | { readonly type: "issued"; readonly workspaceId: string; readonly tokenPrefix: string }
  | { readonly type: "rotated"; readonly workspaceId: string; readonly tokenPrefix: string }
  | { readonly type: "revoked"; readonly workspaceId: string; readonly count: number }
  | { readonly type: "removed"; readonly workspaceId: string }
  /** The oldest workspace, which a new one took the place of. */
  | { readonly type: "evicted"; readonly workspaceId: string }
  /** The oldest rows of activity, which newer ones took the place of. */
  | { readonly type: "activity-dropped"; readonly count: number }
  | { readonly type: "reset" }
  | FaultEvent;

/** What happened, and when (ms on the emulator's clock). Plain data without secrets. */
export type EmulatorEvent = EmulatorEventBody & { readonly at: number };

/** Calls every listener. */
export type Emit = (event: EmulatorEventBody) => void;

/** The listeners of one emulator. */
export interface EventHub {
  readonly emit: Emit;
  subscribe(listener: (event: EmulatorEvent) => void): () => void;
}

/** Makes a hub whose events are stamped with `now()`. */
export function createEventHub(now: () => number): EventHub {
  const listeners = new Set<(event: EmulatorEvent) => void>();
  return {
    emit(body) {
      if (listeners.size === 0) return;
      const event: EmulatorEvent = { ...body, at: now() };
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          // A listener's mistake must not become the platform's answer to the client.
          process.emitWarning(error instanceof Error ? error : String(error));
        }
      }
    },
    subscribe(listener) {
      // A wrapper of its own, so that subscribing a function twice takes two unsubscribes.
      const entry = (event: EmulatorEvent) => listener(event);
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
  };
}
