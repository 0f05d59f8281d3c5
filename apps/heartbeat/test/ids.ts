import { workspaceId } from "@x/emulator";

/** Workspaces with readable names: the platform accepts only UUIDs. */
export const A = workspaceId("a");
export const B = workspaceId("b");
export const C = workspaceId("c");
export const D = workspaceId("d");
export const ATLAS = workspaceId("atlas");
export const BIRCH = workspaceId("birch");
export const COMET = workspaceId("comet");
export const DELTA = workspaceId("delta");
export const AGENT_7 = workspaceId("agent-7");
