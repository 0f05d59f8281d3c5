import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { eventsPage } from "./events-page.ts";

it("docs/events.md matches the log's catalogue (to update it: `pnpm docs:events`)", async () => {
  await expect(eventsPage()).toMatchFileSnapshot(
    fileURLToPath(new URL("../../../docs/events.md", import.meta.url)),
  );
});
