import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { bundleText } from "../src/site.ts";
import { openBrowser, openSite, openTab } from "./open.ts";

const readme = await readFile(new URL("../../../packages/auth-browser/README.md", import.meta.url), "utf8");
const [, example = ""] = /^```ts\n(.+?)^```/ms.exec(readme) ?? [];

it("the README's example works as documented", async () => {
  const { url, platform } = await openSite();
  const code = await bundleText(example.replace("https://platform.example", url), "esm");
  const tab = await openTab(await openBrowser(), url);
  const said = tab.waitForEvent("console", (message) => message.type() === "log");
  await tab.addScriptTag({ content: code, type: "module" });
  expect((await said).text()).toBe("200");
  expect(platform.seen.map(({ path }) => path)).toEqual(["/registry/register", "/registry/heartbeat"]);
  expect(platform.seen.at(-1)?.headers.authorization).toBe(`Bearer ${platform.issued[0]}`);
});
