import { join } from "node:path";
import { createBrowserAuth } from "@x/auth-browser";
import { createAuthFetch, isAuthError, memoryTokenStorage } from "@x/auth-core";
import { rootFolder } from "../../folder.ts";
import { start } from "../../lab/child.ts";
import type { Lab } from "../../lab/lab.ts";
import { createTally, type Finding, type Tally } from "../../report/finding.ts";
import { pour } from "./pour.ts";
import { type Heard, json, openRawPlatform } from "./raw-platform.ts";
import { OTHER_WORKSPACE } from "./scenarios.ts";

const HEARTBEAT = join(rootFolder, "apps/heartbeat/bin/heartbeat.mjs");
const PASSWORD = "PASSWORD-IN-A-URL";
const TOKEN = "the-token-of-the-workspace-that-asks";
const PATIENCE_MS = 30_000;

interface Ended {
  readonly output: string;
  readonly inTime: boolean;
}

async function heartbeat(
  lab: Lab,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  let output = "";
  const command = ["sh", "-c", '"$@"; echo "exit code $?"', "sh", process.execPath, HEARTBEAT, ...args];
  const child = start(lab, command, {
    complaints: "heard",
    env: { WORKSPACE_ID: "agent", CONFIGS_DIR: lab.directory(), MOLECULE_WORKSPACE_TOKEN: TOKEN, ...env },
    onLine(line) {
      output += `${line}\n`;
    },
  });
  let inTime = true;
  const watchdog = setTimeout(() => {
    inTime = false;
    void child.kill();
  }, PATIENCE_MS);
  await child.ended;
  clearTimeout(watchdog);
  return { output, inTime };
}

/** A platform URL with a password in it: refused everywhere, without the password. */
export async function offerPasswords(lab: Lab): Promise<Finding> {
  const tally = createTally();
  let reached = 0;
  const platform = await openRawPlatform((_heard, socket) => {
    reached += 1;
    socket.end(json(200, {}));
  });
  lab.undo(platform.close);
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
    const { output, inTime } = await heartbeat(lab, args, env);
    if (!inTime) return "went on";
    if (output.includes(PASSWORD)) return "printed the password";
    return /must be an absolute http\(s\) URL/.test(output) && /exit code 2$/m.test(output)
      ? null
      : "not refused";
  });
  for (const [index, wrong] of (await Promise.all(wrongs)).entries()) {
    tally.add(wrong === null ? null : `${runs[index]?.[0].join(" ")}: ${wrong}`);
  }
  tally.add(await offerToPage(url));
  if (reached > 0) tally.add("the platform was asked", reached);
  return tally.finding(
    "A password in PLATFORM_URL (run, doctor, send, browser): not refused, printed, or used",
    "ours",
  );
}

async function offerToPage(platformUrl: string): Promise<string | null> {
  const auth = createBrowserAuth({ storage: memoryTokenStorage(TOKEN), platformUrl });
  try {
    await createAuthFetch(auth)(`${platformUrl}/x`);
    return "browser: not refused";
  } catch (error) {
    if (!isAuthError(error) || error.code !== "PLATFORM_URL_INVALID") return "browser: another error";
    return String(error).includes(PASSWORD) ? "browser: printed the password" : null;
  }
}

/** What a platform may do to those commands that only look, or send once. */
const TRICKS: Readonly<Record<string, (heard: Heard, elsewhere: string) => string>> = {
  "another workspace": () => json(200, { id: OTHER_WORKSPACE, status: "online" }),
  "a redirect": (_heard, elsewhere) => json(307, {}, `Location: ${elsewhere}/x\r\n`),
  "the token, and words for the terminal": () =>
    json(403, { error: `no: ${TOKEN}\u001b[2J`, code: "\u009b31m" }),
  "a status for the terminal": () => json(200, { id: "agent", status: "\u001b[2J" }),
  "an answer without end": () => "",
};

export async function lookAtHostilePlatforms(lab: Lab): Promise<Finding> {
  const tally = createTally();
  await Promise.all(Object.entries(TRICKS).map(([what, trick]) => play(lab, what, trick, tally)));
  return tally.finding(
    "doctor and send, before a hostile platform: hang, leak, go elsewhere, or talk to the terminal",
    "ours",
  );
}

async function play(
  lab: Lab,
  what: string,
  trick: (heard: Heard, elsewhere: string) => string,
  tally: Tally,
): Promise<void> {
  let strayed = 0;
  const elsewhere = await openRawPlatform((_heard, socket) => {
    strayed += 1;
    socket.destroy();
  });
  const platform = await openRawPlatform((heard, socket) => {
    const answer = trick(heard, elsewhere.origin);
    if (answer !== "") socket.end(answer);
    else
      pour(
        socket,
        "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n",
        `1000\r\n${" ".repeat(0x1000)}\r\n`,
      );
  });
  lab.undo(platform.close);
  lab.undo(elsewhere.close);
  for (const args of [["doctor"], ["doctor", "--json"], ["send", "other", "text"]]) {
    const { output, inTime } = await heartbeat(lab, args, { PLATFORM_URL: platform.origin });
    const tell = (wrong: string | null) => tally.add(wrong === null ? null : `${args[0]}, ${what}: ${wrong}`);
    if (!inTime) tell("hangs");
    else if (output.includes(TOKEN)) tell("prints the token");
    else if (/[^\P{Cc}\n]/u.test(output)) tell("talks to the terminal");
    else if (args[0] === "doctor" && !/exit code 1$/m.test(output)) tell("finds nothing wrong");
    else tell(strayed > 0 ? "goes elsewhere" : null);
  }
}
