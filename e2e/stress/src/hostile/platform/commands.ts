import { join } from "node:path";
import { createBrowserAuth } from "@x/auth-browser";
import { createAuthFetch, isAuthError, memoryTokenStorage } from "@x/auth-core";
import { start } from "../../fixtures/child.ts";
import type { Fixtures } from "../../fixtures/fixtures.ts";
import { rootFolder } from "../../folder.ts";
import { createTally, type Finding, type Tally } from "../../report/finding.ts";
import { pour } from "../pour.ts";
import { json, openElsewhere, openRawPlatform, type RawRequest } from "./raw-platform.ts";
import { OTHER_WORKSPACE } from "./scenarios.ts";

const HEARTBEAT = join(rootFolder, "apps/heartbeat/bin/heartbeat.mjs");
const PASSWORD = "PASSWORD-IN-A-URL";
const TOKEN = "the-token-of-the-workspace-that-asks";
const TIMEOUT_MS = 30_000;

interface Ended {
  readonly output: string;
  readonly inTime: boolean;
}

async function heartbeat(
  fixtures: Fixtures,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  let output = "";
  const command = ["sh", "-c", '"$@"; echo "exit code $?"', "sh", process.execPath, HEARTBEAT, ...args];
  const child = start(fixtures, command, {
    stderr: "lines",
    env: {
      WORKSPACE_ID: "agent",
      CONFIGS_DIR: fixtures.directory(),
      MOLECULE_WORKSPACE_TOKEN: TOKEN,
      ...env,
    },
    onLine(line) {
      output += `${line}\n`;
    },
    withinMs: TIMEOUT_MS,
  });
  await child.ended;
  return { output, inTime: /^exit code \d+$/m.test(output) };
}

/** A platform URL with a password: every command rejects it, without printing the password. */
export async function offerPasswords(fixtures: Fixtures): Promise<Finding> {
  const tally = createTally();
  let reached = 0;
  const platform = await openRawPlatform((_request, socket) => {
    reached += 1;
    socket.end(json(200, {}));
  });
  fixtures.undo(platform.close);
  const url = platform.origin.replace("//", `//user:${PASSWORD}@`);
  const list = JSON.stringify([{ id: "agent", platform_url: url }]);
  const runs: [string[], Record<string, string>][] = [
    [["run"], { PLATFORM_URL: url }],
    [["run", "--platform-url", url], {}],
    [["run"], { MOLECULE_WORKSPACES: list }],
    [["doctor"], { PLATFORM_URL: url }],
    [["doctor", "--json"], { PLATFORM_URL: url }],
    [["send", "other", "text"], { PLATFORM_URL: url }],
  ];
  const wrongs = runs.map(async ([args, env]) => {
    const { output, inTime } = await heartbeat(fixtures, args, env);
    if (!inTime) return "went on";
    if (output.includes(PASSWORD)) return "printed the password";
    return /must be an http:/.test(output) && /exit code 2$/m.test(output) ? null : "not rejected";
  });
  for (const [index, wrong] of (await Promise.all(wrongs)).entries()) {
    tally.add(wrong === null ? null : `${runs[index]?.[0].join(" ")}: ${wrong}`);
  }
  tally.add(await offerToPage(url));
  if (reached > 0) tally.add("the platform was asked", reached);
  return tally.finding(
    "A password in PLATFORM_URL (run, doctor, send, browser): not rejected, printed, or used",
    "ours",
  );
}

async function offerToPage(platformUrl: string): Promise<string | null> {
  try {
    const auth = createBrowserAuth({ storage: memoryTokenStorage(TOKEN), platformUrl });
    await createAuthFetch(auth)(`${platformUrl}/x`);
    return "browser: not rejected";
  } catch (error) {
    if (!isAuthError(error) || error.code !== "PLATFORM_URL_INVALID") return "browser: another error";
    return String(error).includes(PASSWORD) ? "browser: printed the password" : null;
  }
}

/** Hostile answers to the commands that only check, or send once. */
const TRICKS: Readonly<Record<string, (request: RawRequest, elsewhere: string) => string>> = {
  "another workspace": () => json(200, { id: OTHER_WORKSPACE, status: "online" }),
  "a redirect": (_request, elsewhere) => json(307, {}, `Location: ${elsewhere}/x\r\n`),
  "the token, and control characters": () => json(403, { error: `no: ${TOKEN}\u001b[2J`, code: "\u009b31m" }),
  "a status with control characters": () => json(200, { id: "agent", status: "\u001b[2J" }),
  "an endless answer": () => "",
};

export async function runCommandsAgainstHostilePlatforms(fixtures: Fixtures): Promise<Finding> {
  const tally = createTally();
  await Promise.all(Object.entries(TRICKS).map(([what, trick]) => play(fixtures, what, trick, tally)));
  return tally.finding(
    "doctor and send, with a hostile platform: hang, leak, contact another origin, or print control characters",
    "ours",
  );
}

async function play(
  fixtures: Fixtures,
  what: string,
  trick: (request: RawRequest, elsewhere: string) => string,
  tally: Tally,
): Promise<void> {
  const elsewhere = await openElsewhere(fixtures);
  const platform = await openRawPlatform((request, socket) => {
    const answer = trick(request, elsewhere.origin);
    if (answer !== "") socket.end(answer);
    else
      pour(
        socket,
        "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n",
        `1000\r\n${" ".repeat(0x1000)}\r\n`,
      );
  });
  fixtures.undo(platform.close);
  for (const args of [["doctor"], ["doctor", "--json"], ["send", "other", "text"]]) {
    const { output, inTime } = await heartbeat(fixtures, args, { PLATFORM_URL: platform.origin });
    const record = (wrong: string | null) =>
      tally.add(wrong === null ? null : `${args[0]}, ${what}: ${wrong}`);
    if (!inTime) record("hangs");
    else if (output.includes(TOKEN)) record("prints the token");
    else if (/[^\P{Cc}\n]/u.test(output)) record("prints control characters");
    else if (args[0] === "doctor" && !/exit code 1$/m.test(output)) record("reports no problem");
    else record(elsewhere.contacts() > 0 ? "goes elsewhere" : null);
  }
}
