/** Options of an `Ownership` whose shards have no workspaces. */
export const NO_WORKSPACES = {
  random: () => 0.5,
  listDigest: () => "",
  onGained() {},
  isAlive: () => true,
  onDrain: async () => {},
  onLost() {},
};
