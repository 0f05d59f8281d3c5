// Loads a package by `import` and by `require`, and prints the digest of the file that `import` finds.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const [, , name] = process.argv;
const require = createRequire(import.meta.url);
const [imported, required] = [await import(name), require(name)];
assert.notDeepEqual(Object.keys(imported), []);
assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());
assert.match(require.resolve(name), /\.cjs$/);
// An error of one copy must be recognised by the other.
if (imported.checkToken) {
  const error = (() => {
    try {
      required.checkToken("");
    } catch (thrown) {
      return thrown;
    }
  })();
  assert(imported.isAuthError(error) && error instanceof imported.AuthError);
}
assert.equal(require(`${name}/package.json`).name, name);
const file = fileURLToPath(import.meta.resolve(name));
console.log(createHash("sha256").update(readFileSync(file)).digest("hex"));
