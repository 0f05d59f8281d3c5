/** One version's part of a changelog that changesets wrote. */
export interface Release {
  readonly version: string;
  /** By heading (`Minor Changes`): its entries, without the commit that a changeset came with. */
  readonly changes: Readonly<Record<string, readonly string[]>>;
}

/** Reads a changelog, newest release first. Throws where it is none. */
export function parseChangelog(text: string, name: string): Release[] {
  const [title = "", ...parts] = text.split(/^## /m);
  if (title.trim() !== `# ${name}`) throw new Error(`the changelog of ${name} begins with ${title.trim()}`);
  return parts.map((part) => {
    const [version = "", ...sections] = part.split(/^### /m);
    const changes = sections.map((section) => {
      const [heading = "", ...entries] = section.split(/^- /m);
      return [heading.trim(), entries.map(readable)] as const;
    });
    return { version: version.trim(), changes: Object.fromEntries(changes) };
  });
}

const commits = /^[0-9a-f]{7,40}: |(?<=^Updated dependencies) \[[0-9a-f, ]+\]/;

const readable = (entry: string) => entry.replace(commits, "").replaceAll(/\s+/g, " ").trim();

/** What keeps the notes of a release from reading well; nothing when they do. */
export function complaints({ version, changes }: Release): string[] {
  const entries = Object.values(changes).flat();
  if (entries.length === 0) return [`${version} says nothing`];
  const prose = entries.filter((entry) => !entry.startsWith("Updated dependencies"));
  const bad = prose.filter((entry) => entry.length < 40 || !/^[A-Z`].*\.$/.test(entry));
  return bad.map((entry) => `${version} says nothing that users understand: ${entry}`);
}
