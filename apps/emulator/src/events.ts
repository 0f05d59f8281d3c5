import type { FaultEvent } from "./faults.ts";
import type { Status } from "./liveness.ts";

/** An event without its time. Tokens appear as their first 8 characters. */
export type EmulatorEventBody =
  | {
      readonly type: "registered";
      readonly workspaceId: string;
      readonly status: Status;
      readonly tokenIssued: boolean;
    }
  /** `status` is null for an unknown id: the platform answers 200 and changes nothing. */
  | { readonly type: "heartbeat"; readonly workspaceId: string; readonly status: Status | null }
  | { readonly type: "card-updated"; readonly workspaceId: string }
  /** `from` is null for a person: a message without a source workspace. */
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
  /** A status change, detected when the workspace was read: `type` is the new status. */
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
  /** The oldest workspace was evicted by a new one. */
  | { readonly type: "evicted"; readonly workspaceId: string }
  /** The oldest activity rows were dropped in favour of newer ones. */
  | { readonly type: "activity-dropped"; readonly count: number }
  | { readonly type: "reset" }
  | FaultEvent;

/** An event, and its time (ms on the emulator's clock). Plain data without secrets. */
export type EmulatorEvent = EmulatorEventBody & { readonly at: number };

/** Calls every listener. */
export type Emit = (event: EmulatorEventBody) => void;

/** The listeners of one emulator. */
export interface EventHub {
  readonly emit: Emit;
  subscribe(listener: (event: EmulatorEvent) => void): () => void;
}

/** Creates a hub that stamps events with `now()`. */
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
          // An error in a listener must not become the platform's answer to the client.
          process.emitWarning(error instanceof Error ? error : String(error));
        }
      }
    },
    subscribe(listener) {
      // A separate wrapper, so that a function subscribed twice needs two unsubscribes.
      const entry = (event: EmulatorEvent) => listener(event);
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
  };
}
