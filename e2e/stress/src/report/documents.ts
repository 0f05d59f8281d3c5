/** The documents with figures, in the order in which they are filled. */
export const DOCUMENTS = ["docs/durability.md", "SECURITY.md"] as const;

export type Document = (typeof DOCUMENTS)[number];
