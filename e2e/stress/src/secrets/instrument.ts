/** Passes objects to this process's collector, if there is one. */
const SEEN = 'globalThis[Symbol.for("collect")]?.';

const MAKERS = ["createAuth", "createAuthFetch", "memoryTokenStorage", "createNodeAuth", "fileTokenStorage"];
const MAKER = new RegExp(`function (${MAKERS.join("|")})(?=\\()`, "g");

/**
 * A plugin for the tests' configuration: passes every error, event and public object of the packages to the collector
 * when it is created. Line numbers do not change.
 */
export const instrument = {
  name: "collect",
  enforce: "pre" as const,
  transform(code: string, id: string): string | undefined {
    if (
      !/\/packages\/auth-(core|node)\/(src|dist)\/(file\/)?[\w-]+\.[jt]s$/.test(id) ||
      id.includes(".test.")
    )
      return;
    return code
      .replace(/this\.code = code;/, `$& ${SEEN}("error", this);`)
      .replace(/(await )?(listener\?\.|this\.#onEvent)\(event\);/, `${SEEN}("event", event); $&`)
      .replace(
        MAKER,
        (_, name) =>
          `function ${name}(...all) { const made = ${name}Itself(...all); ${SEEN}("object", made); return made; } function ${name}Itself`,
      );
  },
};
