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

it("install commands and examples are read from a README", () => {
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

  it("passes if it prints what its comments say", () => {
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
  ])("fails if it prints %s", (_, printed) => {
    expect(broken(example("console.log(a); // one\n"), printed)).toContain("one");
  });

  it("without expected output prints nothing", () => {
    expect(broken(example("f();\n"), "")).toBeNull();
    expect(broken(example("f();\n"), "x")).not.toBeNull();
  });
});
