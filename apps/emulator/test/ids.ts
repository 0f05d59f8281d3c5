import { workspaceId } from "../src/index.ts";

/** Workspace ids for readable names: the platform accepts only UUIDs. */
export const AGENT = workspaceId("agent");
export const ATLAS = workspaceId("atlas");
export const BIRCH = workspaceId("birch");
export const COMET = workspaceId("comet");
export const OTHER = workspaceId("other");
export const NOBODY = workspaceId("nobody");
export const OLDEST = workspaceId("oldest");
export const TAB = workspaceId("tab");
