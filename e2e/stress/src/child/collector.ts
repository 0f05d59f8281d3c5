/**
 * Loaded into every process of a test run (`NODE_OPTIONS=--import`): records its output, and marks the tokens that are
 * generated at random.
 */
import childProcess, { ChildProcess } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { inspect } from "node:util";
import { threadId } from "node:worker_threads";
import { MARK_AS_BYTES } from "../secrets/mark.ts";

const directory = process.env.COLLECTED_OUTPUT;
if (directory !== undefined) collectInto(directory);

type Collect = (from: string, said: unknown) => void;

function collectInto(directory: string): void {
  // The original functions, in case a test replaces them.
  const { openSync, writeSync, closeSync } = fs;
  const waiting: (readonly [from: string, said: Uint8Array])[] = [];
  const collect: Collect = (from, said) => {
    if (typeof said !== "string" && !Buffer.isBuffer(said)) return;
    waiting.push([from, typeof said === "string" ? Buffer.from(said) : said]);
    try {
      for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
        const fd = openSync(join(directory, `${next[0]}-${process.pid}-${threadId}`), "a", 0o666);
        writeSync(fd, next[1]);
        closeSync(fd);
        waiting.shift();
      }
    } catch {
      // A test has polluted a prototype that fs depends on: the record is written with the next one.
    }
  };
  collectStreams(collect);
  collectResults(collect);
  markTokens();
  // Objects of the test process itself are recorded through this function; see `secrets/instrument.ts`.
  Reflect.set(globalThis, Symbol.for("collect"), collectInspected(collect));
}

/** Output of child processes, as it arrives. */
function collectStreams(collect: Collect): void {
  const prototype: { spawn: (this: ChildProcess, ...args: unknown[]) => unknown } = Object(
    ChildProcess.prototype,
  );
  const { spawn } = prototype;
  prototype.spawn = function (...args) {
    const result = spawn.apply(this, args);
    for (const [name, stream] of Object.entries({ stdout: this.stdout, stderr: this.stderr })) {
      // A bundler's service exchanges whole programs.
      if (!stream || this.spawnfile.includes("esbuild")) continue;
      const push = stream.push.bind(stream);
      stream.push = (chunk, encoding) => {
        collect(`${name}-${this.pid}`, chunk);
        return push(chunk, encoding);
      };
    }
    return result;
  };
}

/** Output of child processes that were run synchronously. */
function collectResults(collect: Collect): void {
  const functions: Record<string, (...args: unknown[]) => unknown> = Object(childProcess);
  for (const name of ["spawnSync", "execFileSync", "execSync"]) {
    const original = functions[name];
    functions[name] = (...args) => {
      const result = original?.(...args);
      const { stdout = result, stderr }: { stdout?: unknown; stderr?: unknown } = Object(result);
      collect("stdout", stdout);
      collect("stderr", stderr);
      return result;
    };
  }
}

function markTokens(): void {
  const { randomBytes } = crypto;
  Object(crypto).randomBytes = (size: number, ...rest: []) => {
    const bytes: unknown = randomBytes(size, ...rest);
    if (size === 32 && Buffer.isBuffer(bytes)) for (const at of [3, 24]) MARK_AS_BYTES.copy(bytes, at);
    return bytes;
  };
  syncBuiltinESMExports();
}

/** The number of recent objects that are inspected again with each new one, because they have been used since. */
const REINSPECTED = 4;

/** Everything visible of an error, an event or a public object. */
function collectInspected(collect: Collect): Collect {
  const last: unknown[] = [];
  return (from, seen) => {
    last.unshift(seen);
    last.splice(REINSPECTED);
    for (const each of last) {
      const stack = each instanceof Error ? `${each} ${each.stack}` : "";
      const shown = inspect(each, {
        depth: 8,
        showHidden: true,
        maxStringLength: null,
        maxArrayLength: null,
      });
      collect(from, `${shown}\n${stack}\n${JSON.stringify(each)}\n`);
    }
  };
}
