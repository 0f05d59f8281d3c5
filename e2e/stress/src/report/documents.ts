/** The documents that hold figures, in the order in which they are filled. */
export const DOCUMENTS = ["docs/durability.md", "SECURITY.md"] as const;

export type Document = (typeof DOCUMENTS)[number];
