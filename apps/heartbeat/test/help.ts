import { spawnSync } from "node:child_process";
import { HEARTBEAT } from "./processes.ts";

/** The flags in a command's help, such as `--interval`. */
export function flagsOf(command: string): string[] {
  const { stdout } = spawnSync(process.execPath, [HEARTBEAT, ...command.split(" "), "--help"], {
    encoding: "utf8",
  });
  return [...stdout.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag = ""]) => flag);
}
