import { clusterEvents } from "./cluster-events.ts";
import type { EventGroup } from "./event-kind.ts";
import { messageEvents } from "./message-events.ts";
import { jobEvents, platformEvents } from "./platform-events.ts";
import { besideEvents, runnerEvents } from "./runner-events.ts";
import { sourceEvents, tokenEvents } from "./token-events.ts";

/** Everything that the log may say, in the order of `docs/events.md`. */
export const CATALOGUE = [
  runnerEvents,
  platformEvents,
  tokenEvents,
  sourceEvents,
  messageEvents,
  jobEvents,
  besideEvents,
  clusterEvents,
] as const satisfies readonly EventGroup[];

type CodesOf<Group> = Group extends { readonly events: infer Events } ? keyof Events & string : never;

/** A code that is in the catalogue. */
type EventCode = CodesOf<(typeof CATALOGUE)[number]>;

/** The code of a line; of a failure with its cause: `HEARTBEAT_FAILED:ECONNREFUSED`. */
export type LogCode = EventCode | `${EventCode}:${string}`;

type InCapitals<Type extends string> = Type extends `${infer First}-${infer Rest}`
  ? `${Uppercase<First>}_${InCapitals<Rest>}`
  : Uppercase<Type>;

/** The code of an event: its type in capitals. */
export const codeOf = <Type extends string>(type: Type) =>
  type.toUpperCase().replaceAll("-", "_") as InCapitals<Type>;
