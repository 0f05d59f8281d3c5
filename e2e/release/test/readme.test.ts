import { describe, expect, it } from "vitest";
import { broken, parseReadme } from "../src/readme.ts";

const readme = `
\`\`\`sh
npm install --save-dev @x/a @x/b
\`\`\`

\`\`\`ts
console.log(1); // 1
\`\`\`

Not this:

\`\`\`json
{}
\`\`\`

\`\`\`js
console.log({ a: 1 }); // { a: … }
console.debug(2);
\`\`\`
`;

it("a README is read for what to install and what to run", () => {
  expect(parseReadme(readme)).toStrictEqual({
    packages: ["@x/a", "@x/b"],
    examples: [
      { language: "ts", code: "console.log(1); // 1\n" },
      { language: "js", code: "console.log({ a: 1 }); // { a: … }\nconsole.debug(2);\n" },
    ],
  });
});

describe("an example", () => {
  const example = (code: string) => ({ language: "ts", code });

  it("holds when it prints what its comments say", () => {
    expect(
      broken(
        example("console.log(a()); // one\nconsole.log(b());\nconsole.log(c); // three\n"),
        "one\n2\nthree",
      ),
    ).toBeNull();
    expect(broken(example('console.log(a); // { b: "…" }\n'), "{\n  b: 'anything'\n}\n")).toBeNull();
  });

  it.each([
    ["something else", "two"],
    ["more", "one\ntwo"],
    ["nothing", ""],
  ])("is broken when it prints %s", (_, printed) => {
    expect(broken(example("console.log(a); // one\n"), printed)).toContain("one");
  });

  it("that promises nothing prints nothing", () => {
    expect(broken(example("f();\n"), "")).toBeNull();
    expect(broken(example("f();\n"), "x")).not.toBeNull();
  });
});
