/** One version's section of a changelog that changesets wrote. */
export interface Release {
  readonly version: string;
  /** Entries by heading (`Minor Changes`), without the commit hash. */
  readonly changes: Readonly<Record<string, readonly string[]>>;
}

/** Parses a changelog, newest release first. @throws if the text is not one */
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

/** The entries that do not read as release notes; empty if all do. */
export function complaints({ version, changes }: Release): string[] {
  const entries = Object.values(changes).flat();
  if (entries.length === 0) return [`${version} says nothing`];
  const prose = entries.filter((entry) => !entry.startsWith("Updated dependencies"));
  const bad = prose.filter((entry) => entry.length < 40 || !/^[A-Z`].*\.$/.test(entry));
  return bad.map((entry) => `${version} has an entry that is not written for users: ${entry}`);
}
