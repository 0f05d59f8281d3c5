import { spawn } from "node:child_process";
import { lookup } from "node:dns/promises";
import fs from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { built, runShell } from "../../test/storage/built.ts";
import { makePipe } from "../../test/storage/disks.ts";
import { temporaryDirectory } from "../../test/support/directory.ts";
import { listen } from "../../test/support/servers.ts";
import { createConfigFileReader, MAX_CARD_BYTES, MAX_LIST_BYTES } from "./read-config-file.ts";

const read = createConfigFileReader();
const AT_START = { maxBytes: 1_000, allowPipe: true, timeoutMs: 300 };
const AT_RELOAD = { maxBytes: 1_000, timeoutMs: 300 };

function file(content?: string | Uint8Array): string {
  const path = join(temporaryDirectory(), "list.json");
  if (content !== undefined) fs.writeFileSync(path, content);
  return path;
}

const LIST = '[{"id":"größe"}]';
const UTF16_LE = Buffer.from(`\ufeff${LIST}`, "utf16le");
const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16();

describe("a configuration file", () => {
  test("is read as text, without its byte order mark", async () => {
    await expect(read(file(LIST), AT_RELOAD)).resolves.toBe(LIST);
    await expect(read(file(`\ufeff${LIST}`), AT_RELOAD)).resolves.toBe(LIST);
    await expect(read(file(""), AT_RELOAD)).resolves.toBe("");
  });

  test("may be behind links, as mounted files are", async () => {
    const path = file();
    fs.symlinkSync(file(LIST), path);
    await expect(read(path, AT_RELOAD)).resolves.toBe(LIST);
  });

  test.each([
    ["with a mark", UTF16_LE],
    ["with a mark, the other way round", swapped(UTF16_LE)],
    ["without a mark", UTF16_LE.subarray(2)],
    ["without a mark, the other way round", swapped(UTF16_LE).subarray(2)],
  ])("in UTF-16 is reported as UTF-16: %s", async (_what, content) => {
    await expect(read(file(content), AT_RELOAD)).rejects.toThrow(/^it is UTF-16 text\. Save it as UTF-8\.$/);
  });

  const inUtf32 = (write: "writeUInt32LE" | "writeUInt32BE") =>
    Buffer.concat(
      [...LIST].map((character) => {
        const bytes = Buffer.alloc(4);
        bytes[write](character.codePointAt(0) ?? 0);
        return bytes;
      }),
    );

  test.each([
    ["UTF-32", inUtf32("writeUInt32LE"), "it is UTF-32 text. Save it as UTF-8."],
    ["UTF-32, the other way round", inUtf32("writeUInt32BE"), "it is UTF-32 text. Save it as UTF-8."],
    ["zeros, as after a crash", Buffer.alloc(100), "it holds nothing but zeros."],
  ])("in %s is reported as such", async (_what, content, why) => {
    await expect(read(file(content), AT_RELOAD)).rejects.toThrow(why);
  });

  test("in another encoding is reported as not UTF-8", async () => {
    await expect(read(file(Buffer.from(LIST, "latin1")), AT_RELOAD)).rejects.toThrow(/^it is not UTF-8 text/);
  });

  test("may have exactly the maximum number of bytes", async () => {
    await expect(read(file("x".repeat(1_000)), AT_RELOAD)).resolves.toHaveLength(1_000);
    const card = file("x".repeat(MAX_CARD_BYTES + 1));
    await expect(read(card, { maxBytes: MAX_CARD_BYTES })).rejects.toThrow("it is larger than 1 MiB.");
    await expect(read(card, { maxBytes: MAX_LIST_BYTES })).resolves.toHaveLength(MAX_CARD_BYTES + 1);
  });

  test("that is missing or unreadable is reported with the system's error code", async () => {
    await expect(read(file(), AT_RELOAD)).rejects.toThrow(
      /^it cannot be read \(ENOENT\): there is no such file\.$/,
    );
    await expect(read(join(file(""), "list.json"), AT_RELOAD)).rejects.toThrow(
      /^it cannot be read \(ENOTDIR\): a part of the path is not a directory\.$/,
    );
  });

  test("is never a directory, a device or a socket", async () => {
    const socket = file();
    await listen(net.createServer(), socket);
    for (const options of [AT_START, AT_RELOAD]) {
      await expect(read(temporaryDirectory(), options)).rejects.toThrow("it is a directory, not a file.");
      await expect(read("/dev/zero", options)).rejects.toThrow("it is a device or a socket, not a file.");
      await expect(read(socket, options)).rejects.toThrow("it is a device or a socket, not a file.");
    }
  });
});

describe("a pipe", () => {
  test.each([
    ["as standard input", `printf %s "$LIST" | "$NODE" --input-type=module -e "$SCRIPT" /dev/stdin`],
    ["as standard input that is a file", `"$NODE" --input-type=module -e "$SCRIPT" /dev/stdin <<< "$LIST"`],
    [
      "as the output of a command",
      `"$NODE" --input-type=module -e "$SCRIPT" <(sleep 0.1; printf %s "$LIST")`,
    ],
  ])("is read at the start %s", async (_what, command) => {
    const script = `
      import { createConfigFileReader } from "${await built("config/read-config-file")}";
      const text = await createConfigFileReader()(process.argv[1], { maxBytes: 1_000, allowPipe: true });
      process.stdout.write(text.trim());`;
    await expect(runShell(`LIST='${LIST}'; ${command}`, script)).resolves.toBe(LIST);
  });

  /** What the shell prints when a pipe of some kind gives it the list. */
  const throughPipe = async (script: string, path = file()) => {
    makePipe(path);
    spawn("sh", ["-c", script, path], { stdio: "ignore" });
    return path;
  };

  test("is read at the start, even if its writer starts late and writes in parts", async () => {
    const path = await throughPipe(`sleep 0.1; { printf '[{"id":'; sleep 0.1; printf '"größe"}]'; } > "$0"`);
    await expect(read(path, { ...AT_START, timeoutMs: 10_000 })).resolves.toBe(LIST);
  });

  test("with more data than a file may have is not read to its end", async () => {
    const path = await throughPipe(`yes > "$0"`);
    await expect(read(path, { ...AT_START, timeoutMs: 10_000 })).rejects.toThrow(/^it is larger than/);
  });

  test("without a writer times out, and blocks nothing meanwhile", async () => {
    const paths = Array.from({ length: 6 }, () => file());
    for (const path of paths) makePipe(path);
    const reads = paths.map((path) => read(path, AT_START));
    const settled = Promise.allSettled(reads);
    await expect(lookup("localhost")).resolves.toHaveProperty("address");
    await expect(fs.promises.readFile(file(LIST), "utf8")).resolves.toBe(LIST);
    await settled;
    for (const one of reads) await expect(one).rejects.toThrow("it cannot be read (no answer within 0.3 s).");
  });

  test("is no longer waited for when the signal aborts", async () => {
    const path = file();
    makePipe(path);
    const controller = new AbortController();
    const reading = read(path, { ...AT_START, timeoutMs: 60_000, signal: controller.signal });
    controller.abort(new Error("stopped"));
    await expect(reading).rejects.toBe(controller.signal.reason);
    await expect(read(path, { ...AT_START, signal: controller.signal })).rejects.toBe(
      controller.signal.reason,
    );
  });

  test("that replaced a file is rejected at once during a reload", async () => {
    const path = file();
    makePipe(path);
    await expect(read(path, { ...AT_RELOAD, timeoutMs: 60_000 })).rejects.toThrow(/^it is a pipe/);
  });
});
