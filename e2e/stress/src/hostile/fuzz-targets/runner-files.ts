import fs from "node:fs";
import { join } from "node:path";
import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { createPlatformClient, type Transport } from "@x/platform-client";
import fc from "fast-check";
import { type Config, loadConfig } from "../../../../../apps/heartbeat/src/config/config.ts";
import { ConfigError } from "../../../../../apps/heartbeat/src/config/problems.ts";
import { hostileBytes } from "../inputs/bytes.ts";
import { anything, hostileJson, objects } from "../inputs/json.ts";
import { hostileText } from "../inputs/text.ts";
import { furnishedUrls, ids, platformUrls } from "../inputs/valid.ts";
import { idIn, originIn, repeats } from "../rules.ts";
import { attempt, type CheckResult, type FuzzTarget, openFuzzTarget } from "./fuzz-target.ts";
import { listTexts, PLATFORM, secretsIn } from "./lists.ts";

const cards = objects({
  name: fc.string({ unit: "binary" }),
  description: anything,
  skills: fc.array(objects({ id: fc.string(), name: fc.string() }), { maxLength: 3 }),
});

/** The runner's configuration: environment variables, the workspaces file, the agent card file. */
export const runnerFiles: FuzzTarget = {
  id: "runner-files",
  what: "the runner's environment variables, workspaces file and agent card",
  share: 40_000,
  atOnce: 1,
  async open({ directory }) {
    const listFile = join(directory, "workspaces.json");
    const cardFile = join(directory, "card.json");
    const inputs = fc.record({
      list: fc.option(hostileBytes(listTexts), { freq: 2 }),
      card: hostileBytes(hostileJson(cards)),
      envList: fc.option(listTexts, { freq: 2 }),
      url: fc.oneof(
        { weight: 9, arbitrary: hostileText(platformUrls(PLATFORM)) },
        { weight: 1, arbitrary: furnishedUrls },
      ),
      id: hostileText(ids),
    });
    return openFuzzTarget(inputs, {
      async check({ list, card, envList, url, id }) {
        fs.writeFileSync(cardFile, card);
        if (list !== null) fs.writeFileSync(listFile, list);
        const env = {
          PLATFORM_URL: url,
          WORKSPACE_ID: id,
          ...(envList !== null && { MOLECULE_WORKSPACES: envList }),
        };
        const flags = { agentCard: cardFile, ...(list !== null && { workspacesFile: listFile }) };
        const done = await attempt(() => loadConfig(flags, env));
        if ("value" in done) return checkConfig(done.value);
        if (!(done.error instanceof ConfigError)) return { bad: `threw ${String(done.error)}` };
        const listed = list === null ? (envList ?? "") : Buffer.from(list).toString("utf8");
        const secrets = [url, ...(idIn(id) === null ? [id] : []), Buffer.from(card).toString("utf8")];
        return repeats(done.error.message, [...secrets, ...secretsIn(listed)])
          ? { bad: "a problem repeats the input" }
          : "rejected";
      },
    });
  },
};

/** The parsed configuration is usable: valid ids and platforms, and a card that can be sent. */
async function checkConfig({ workspaces, cardOf }: Config): Promise<CheckResult> {
  for (const { id, platformUrl } of workspaces) {
    if (idIn(id) !== id) return { bad: "an invalid id" };
    if (originIn(platformUrl) === null) return { bad: "an invalid platform URL" };
  }
  const { agent_card: card } = JSON.parse(await registrationWith(cardOf("agent")));
  return typeof card === "object" ? "accepted" : { bad: "a card that is not an object" };
}

/** The request of a registration with this card. */
async function registrationWith(agentCard: ReturnType<Config["cardOf"]>): Promise<string> {
  let sent = "";
  const transport: Transport = {
    async request({ body }) {
      sent = body ?? "";
      return { status: 200, headers: new Headers(), text: '{"status":"registered"}' };
    },
  };
  const auth = createAuth({ storage: memoryTokenStorage(), platformUrl: PLATFORM, fallback: [] });
  const client = createPlatformClient({ auth, platformUrl: PLATFORM, workspaceId: "agent", transport });
  await client.register({ agentCard, deliveryMode: "poll" });
  return sent;
}
