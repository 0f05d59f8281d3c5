import type { WorkspaceStore } from "../src/storage/workspace-store.ts";

const nothing = { location: "nowhere", read: () => null, write() {}, probe() {} };
const noResults = {
  location: "nowhere",
  load: async () => ({ delivered: [], unannounced: [], damagedLines: 0, isNew: false }),
  append: async () => {},
  markAnnounced: async () => {},
};
/** Tokens come from the list, and nothing is ever stored. */
export const nothingStored: WorkspaceStore = {
  token: () => nothing,
  inboundSecret: () => nothing,
  spill: () => nothing,
  rotation: () => nothing,
  results: () => noResults,
  inbox: () => {
    throw new Error("no messages are fetched");
  },
  spilled: async () => new Set(),
  isStuck: () => false,
  close: async () => ({ hung: false }),
};
