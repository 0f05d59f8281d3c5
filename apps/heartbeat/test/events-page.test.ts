import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { eventsPage } from "./events-page.ts";

it("docs/events.md is the catalogue of the log (a change that is meant: `pnpm docs:events`)", async () => {
  await expect(eventsPage()).toMatchFileSnapshot(
    fileURLToPath(new URL("../../../docs/events.md", import.meta.url)),
  );
});
