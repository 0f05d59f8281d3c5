import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { complaints, parseChangelog } from "../src/changelog.ts";
import { publishedPackages, root } from "../src/workspace.ts";

const changelog = `# @x/a

## 0.2.0

### Minor Changes

- 1a2b3c4: \`saveToken\` no longer empties the file when the disk is full.

  It says so instead.

### Patch Changes

- Updated dependencies [1a2b3c4]
- Updated dependencies [1a2b3c4, 5d6e7f8]
  - @x/b@0.2.0

## 0.1.0

### Minor Changes

- 5d6e7f8: fix
`;

describe("a changelog", () => {
  const [newest, oldest] = parseChangelog(changelog, "@x/a");

  it("is parsed without commit hashes", () => {
    expect(newest).toStrictEqual({
      version: "0.2.0",
      changes: {
        "Minor Changes": [
          "`saveToken` no longer empties the file when the disk is full. It says so instead.",
        ],
        "Patch Changes": ["Updated dependencies", "Updated dependencies - @x/b@0.2.0"],
      },
    });
  });

  it("reads well if it describes the change to users in sentences", () => {
    expect(newest && complaints(newest)).toStrictEqual([]);
    expect(oldest && complaints(oldest)).toStrictEqual([
      "0.1.0 has an entry that is not written for users: fix",
    ]);
    expect(complaints({ version: "0.3.0", changes: {} })).toStrictEqual(["0.3.0 says nothing"]);
  });

  it("must be the package's own", () => {
    expect(() => parseChangelog(changelog, "@x/b")).toThrow("@x/b");
  });
});

const folder = join(root, ".changeset");
const pending = readdirSync(folder).filter((file) => file.endsWith(".md") && file !== "README.md");

it.each(pending)("the changeset %s reads well, and names published packages", (file) => {
  const [, head = "", text = ""] = readFileSync(join(folder, file), "utf8").split(/^---$/m);
  const names = publishedPackages(root).map(({ name }) => name);
  const entry = text.replaceAll(/\s+/g, " ").trim();
  for (const name of Object.keys(parse(head) ?? {})) {
    expect(names).toContain(name);
    expect(complaints({ version: "next", changes: { Changes: [entry] } })).toStrictEqual([]);
  }
});

it.each(publishedPackages(root))("the changelog of $name reads well", ({ name, folder }) => {
  const releases = parseChangelog(readFileSync(join(root, folder, "CHANGELOG.md"), "utf8"), name);
  expect(releases.flatMap(complaints)).toStrictEqual([]);
});
