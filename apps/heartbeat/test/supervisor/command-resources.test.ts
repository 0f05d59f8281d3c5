import { readdir } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { memoryTokenStorage } from "@x/auth-core";
import { createNodeAuth } from "@x/auth-node";
import { expect, it } from "vitest";
import { CommandResources } from "../../src/supervisor/command-resources.ts";
import { ATLAS } from "../ids.ts";
import { temporaryDirectory } from "../support/directory.ts";

const PLATFORM = "https://platform.example";

it("leaves no copy of the token behind, even if it changes while everything ends", async () => {
  for (let turns = 0; turns < 40; turns += 1) {
    const runtime = temporaryDirectory();
    const auth = createNodeAuth({ storage: memoryTokenStorage(), env: { PLATFORM_URL: PLATFORM } });
    await auth.saveToken("a".repeat(43));
    const resources = new CommandResources({
      env: { XDG_RUNTIME_DIR: runtime },
      workspace: { id: ATLAS, platformUrl: PLATFORM },
      tokenEnv: false,
      auth: () => auth,
      log() {},
    });
    await resources.open(null);
    await resources.environment();
    await auth.saveToken("b".repeat(43));
    resources.tokenChanged();
    for (let turn = 0; turn < turns; turn += 1) await setImmediate();
    await resources.close();
    expect(await readdir(runtime)).toEqual([]);
  }
});
