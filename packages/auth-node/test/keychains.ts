import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import {
  type KeyringTokenStorageOptions,
  keyringTokenStorage,
} from "../src/keyring/keyring-token-storage.ts";

/** A keychain for tests, as options of a storage. */
export type Keychain = Pick<KeyringTokenStorageOptions, "module" | "env">;

/** A module with the interface of `@napi-rs/keyring` that stores its entries in a directory, and ways to break it. */
export function fileKeychain(): Keychain & {
  readonly folder: string;
  fail(calls: "reads" | "writes"): void;
} {
  const folder = mkdtempSync(join(tmpdir(), "keychain-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const module = join(folder, "keyring.cjs");
  writeFileSync(
    module,
    `const fs = require("node:fs");
    const folder = ${JSON.stringify(folder)};
    const check = (calls) => {
      if (fs.existsSync(folder + "/fail-" + calls)) throw new Error("the keychain is locked");
    };
    exports.Entry = class {
      constructor(service, account, options) {
        fs.appendFileSync(folder + "/calls", JSON.stringify({ service, account, options, argv: process.argv, env: process.env }) + "\\n");
        this.file = folder + "/" + encodeURIComponent(service + " " + account);
      }
      getPassword() {
        check("reads");
        return fs.existsSync(this.file) ? fs.readFileSync(this.file, "utf8") : null;
      }
      setPassword(password) {
        check("writes");
        const written = this.file + "." + process.pid;
        fs.writeFileSync(written, password);
        fs.renameSync(written, this.file);
      }
      deletePassword() {
        check("writes");
        fs.rmSync(this.file);
        return true;
      }
    };`,
  );
  return { module, env: {}, folder, fail: (calls) => writeFileSync(join(folder, `fail-${calls}`), "") };
}

/** Debian's path, or the configured one. */
const DAEMON = process.env.GNOME_KEYRING_DAEMON ?? "/usr/bin/gnome-keyring-daemon";

/** GNOME Keyring, unlocked, with its own session bus and home; `null` if it is not installed. */
export async function startGnomeKeyring(): Promise<(Keychain & { stop(): void }) | null> {
  if (!existsSync(DAEMON) || spawnSync("dbus-daemon", ["--version"]).error) return null;
  const home = mkdtempSync(join(tmpdir(), "gnome-keyring-"));
  const address = `unix:path=${home}/bus`;
  const { PATH } = process.env;
  const env = { PATH, HOME: home, XDG_RUNTIME_DIR: home, DBUS_SESSION_BUS_ADDRESS: address };
  const start = (command: string, args: string[]) =>
    spawn(command, args, { env, stdio: ["pipe", "pipe", "ignore"] });
  const bus = start("dbus-daemon", [
    "--session",
    "--nofork",
    "--nopidfile",
    "--print-address",
    `--address=${address}`,
  ]);
  await once(bus.stdout, "data");
  const daemon = start(DAEMON, ["--unlock", "--components=secrets", "--foreground"]);
  daemon.stdin.end("password");
  // It does not announce when it is ready.
  const storage = keyringTokenStorage({ env, platformUrl: "https://platform.example" });
  for (let tries = 1; ; tries += 1) {
    try {
      await storage.probe?.();
      break;
    } catch (error) {
      if (tries === 20) throw error;
      await sleep(200);
    }
  }
  return {
    env,
    stop() {
      daemon.kill("SIGKILL");
      bus.kill("SIGKILL");
      rmSync(home, { recursive: true, force: true });
    },
  };
}
