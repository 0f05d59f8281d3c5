import { spawnSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { makePipe } from "../../test/storage/disks.ts";
import { temporaryDirectory } from "../../test/support/directory.ts";
import { listen } from "../../test/support/servers.ts";
import { appendResults, loadResults } from "./results-journal.ts";
import { announcedLines, resultLine } from "./results-lines.ts";

const FILE = "delegation_results.jsonl";
const OLDER = "delegation_results.1.jsonl";
const EMPTY = { delivered: [], unannounced: [], damagedLines: 0, isNew: true };
/** What is loaded from a file with these results. */
const known = (delivered: string[], unannounced: string[], damagedLines = 0) => ({
  delivered,
  unannounced,
  damagedLines,
  isNew: false,
});

function place() {
  const directory = join(temporaryDirectory(), "workspace");
  fs.mkdirSync(directory, { mode: 0o700 });
  const file = join(directory, FILE);
  return {
    directory,
    file,
    load: () => loadResults({ directory }),
    append: (lines: readonly string[], rotateBytes = 10_000_000) =>
      appendResults({ directory }, { lines, rotateBytes }),
    write: (content: string | Uint8Array) => fs.writeFileSync(file, content),
    text: (name = FILE) => fs.readFileSync(join(directory, name), "utf8"),
    names: () => fs.readdirSync(directory).sort(),
  };
}

const lines = (...ids: string[]) => ids.map((id) => resultLine({ id, summary: `of ${id}` }));

describe("a results file", () => {
  test("gets its own directory when it is first written, not before", () => {
    const directory = join(temporaryDirectory(), "workspaces", "http_127.0.0.1_1", "a");
    expect(loadResults({ directory })).toEqual(EMPTY);
    expect(fs.existsSync(directory)).toBe(false);
    appendResults({ directory }, { lines: lines("a"), rotateBytes: 1_000 });
    expect(fs.statSync(directory).mode & 0o777).toBe(0o700);
    expect(fs.statSync(join(directory, FILE)).mode & 0o777).toBe(0o600);
    expect(loadResults({ directory }).delivered).toEqual(["a"]);
  });

  test("starts a new line after one that was cut off", () => {
    const { load, append, write } = place();
    write('{"id":"a"}\n{"id":"b","summ');
    append(lines("c"));
    expect(load()).toEqual(known(["a", "c"], ["a", "c"], 1));
  });

  test.each([
    ["announced is not a list of texts", '{"announced":[{"toString":1},[1],{},null,5]}', 0],
    ["announced is a number", '{"announced":5}', 1],
    ["announced only looks like a list", '{"announced":{"length":1e9}}', 1],
    ["nested very deeply", `{"announced":${"[".repeat(30_000)}${"]".repeat(30_000)}}`, 0],
    ["an open nest", "[".repeat(60_000), 1],
    ["an id that is an object", '{"id":{}}', 1],
    ["zero bytes", "\0\0\0", 1],
    ["bytes that are not text", Buffer.from([0xff, 0xfe, 0x80]), 1],
    ["no object", 'null\n42\n"x"', 3],
    ["the id in a prototype", '{"__proto__":{"id":"x"}}', 1],
    ["a line of 3 MB", `{"id":"x","summary":"${"x".repeat(3_000_000)}"}`, 1],
    ["an id of 257 characters", `{"id":"${"x".repeat(257)}"}`, 1],
  ])("skips a line that is not one of ours: %s", (_what, content, damagedLines) => {
    const { load, append, write } = place();
    write(Buffer.concat([Buffer.from('{"id":"a"}\n'), Buffer.from(content)]));
    append(lines("b"));
    expect(load()).toEqual(known(["a", "b"], ["a", "b"], damagedLines));
  });

  test("counts an emptied file as a damaged line", () => {
    const { load, append, write } = place();
    append(lines("a"));
    write("");
    expect(load()).toEqual(known([], [], 1));
  });

  test("is not there, rather than empty, if its first lines could not be written", () => {
    const { load, append } = place();
    const full = vi.spyOn(fs, "fsyncSync").mockImplementationOnce(() => {
      throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    });
    expect(() => append(lines("a"))).toThrow("ENOSPC");
    full.mockRestore();
    expect(load()).toEqual(EMPTY);
    append(lines("a"));
    expect(load().delivered).toEqual(["a"]);
  });

  test("is not removed after a failure to write to another one that was moved away", () => {
    const { directory, file, load, append, write, text } = place();
    const failing = vi.spyOn(fs, "fsyncSync").mockImplementationOnce(() => {
      fs.renameSync(file, join(directory, "moved"));
      write('{"id":"b"}\n');
      throw Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
    });
    expect(() => append(lines("a"))).toThrow("EIO");
    failing.mockRestore();
    expect(load().delivered).toEqual(["b"]);
    expect(text("moved")).toBe("");
  });

  test("remembers the newest 500", () => {
    const { load, append } = place();
    const ids = Array.from({ length: 700 }, (_, index) => `id-${index}`);
    append(lines(...ids));
    expect(load().delivered).toEqual(ids.slice(-500));
    expect(load().unannounced).toEqual(ids.slice(-500));
  });

  test("is read only at its end, however large it is", () => {
    const { load, append, write, file } = place();
    write("");
    fs.truncateSync(file, 3 * 1_024 ** 3);
    fs.appendFileSync(file, `\n${lines("new").join()}\n`);
    expect(load().delivered).toEqual(["new"]);
    append(lines("newer"));
    expect(load().delivered, "it was rotated").toEqual(["new", "newer"]);
    expect(fs.statSync(file).size).toBeLessThan(1_000);
  });

  test("shortens a result that exceeds the line limit, and remembers it", () => {
    const { load, append, text } = place();
    const huge = {
      id: "a",
      status: "completed",
      summary: "\u0001".repeat(60_000),
      response: "é".repeat(90_000),
    };
    append([resultLine(huge), resultLine({ id: "b", rows: new Array(60_000).fill(1) })]);
    expect(load().delivered).toEqual(["a", "b"]);
    const [first = "", second = ""] = text().split("\n");
    expect(Buffer.byteLength(first)).toBeLessThanOrEqual(64 * 1_024);
    expect(JSON.parse(first)).toMatchObject({ id: "a", status: "completed", truncated: true });
    expect(JSON.parse(second)).toEqual({ id: "b", truncated: true });
  });
});

describe("a results file that would grow too large", () => {
  test("is rotated without forgetting results; unannounced ones stay complete", () => {
    const { load, append, text, names } = place();
    append(lines("a", "b", "c"));
    append(announcedLines(["a", "b"]));
    const before = text();
    append(lines("d"), before.length + 10);
    expect(names()).toEqual([OLDER, FILE]);
    expect(text(OLDER)).toBe(before);
    expect(text()).toBe([...announcedLines(["a", "b"]), ...lines("c", "d"), ""].join("\n"));
    expect(load()).toEqual(known(["a", "b", "c", "d"], ["c", "d"]));
  });

  test("keeps one older file", () => {
    const { load, append, names, directory } = place();
    for (let index = 0; index < 50; index += 1) append(lines(`id-${index}`), 600);
    expect(names()).toEqual([OLDER, FILE]);
    const sizes = names().map((name) => fs.statSync(join(directory, name)).size);
    // Once the data to carry over exceeds the limit, each append rotates, but the file does not grow.
    expect(Math.max(...sizes)).toBeLessThan(4_000);
    expect(load().delivered).toHaveLength(50);
  });

  test("is repaired after a rotation was killed between its steps", () => {
    const { load, append, directory, file } = place();
    append(lines("a", "b"));
    append(announcedLines(["a"]));
    fs.renameSync(file, join(directory, OLDER));
    expect(load()).toEqual(known(["a", "b"], ["b"]));
    expect(fs.existsSync(file)).toBe(true);
    fs.rmSync(file);
    append(lines("c"));
    expect(load()).toEqual(known(["a", "b", "c"], ["b", "c"]));
  });

  test("is unchanged when it cannot be rotated", () => {
    const { append, directory, text } = place();
    append(lines("a"));
    fs.mkdirSync(join(directory, OLDER));
    fs.writeFileSync(join(directory, OLDER, "full"), "");
    expect(() => append(lines("b"), 10)).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(text()).toBe(`${lines("a")[0]}\n`);
  });
});

describe("a fallback file", () => {
  test("is remembered, and the first append carries its content over", () => {
    const { directory, text } = place();
    const former = join(temporaryDirectory(), FILE);
    fs.writeFileSync(former, [...lines("a", "b"), ...announcedLines(["a"]), ""].join("\n"));
    const files = { directory, former };
    expect(loadResults(files)).toEqual(known(["a", "b"], ["b"]));
    appendResults(files, { lines: lines("c"), rotateBytes: 1_000 });
    expect(text()).toBe([...announcedLines(["a"]), ...lines("b", "c"), ""].join("\n"));
    fs.writeFileSync(former, "");
    expect(loadResults(files).delivered).toEqual(["a", "b", "c"]);
  });
});

describe("something else at a results file's path", () => {
  const withSocket = (path: string) => listen(net.createServer(), path);
  const elsewhere = () => {
    const path = join(temporaryDirectory(), "profile");
    fs.writeFileSync(path, "# mine\n");
    return path;
  };

  test.each<[string, (path: string) => unknown, RegExp]>([
    ["a pipe", makePipe, /^it is a pipe, not a file/],
    ["a socket", withSocket, /^it is a socket, not a file/],
    ["a directory", (path) => fs.mkdirSync(path), /^it is a directory, not a file/],
    ["a link to a device", (path) => fs.symlinkSync("/dev/zero", path), /^it is a symbolic link, not a file/],
    ["a link to nothing", (path) => fs.symlinkSync("nothing", path), /^it is a symbolic link, not a file/],
    ["a hard link", (path) => fs.linkSync(elsewhere(), path), /^the file has a second name/],
  ])("is neither read nor written: %s", async (_what, put, why) => {
    const { directory, file, load, append } = place();
    await put(file);
    expect(load).toThrow(why);
    expect(() => append(lines("a"))).toThrow(why);
    expect(fs.readdirSync(directory)).toEqual([FILE]);
  });

  test("is not followed if it leaves the directory", () => {
    const { file, append } = place();
    const target = elsewhere();
    fs.symlinkSync(target, file);
    expect(() => append(lines("a"))).toThrow();
    expect(fs.readFileSync(target, "utf8")).toBe("# mine\n");
  });

  test("is rejected before it is opened if it is a device, as root", () => {
    const { file, load } = place();
    if (spawnSync("sh", ["-c", 'mknod "$0" c 1 5 2>/dev/null', file]).status !== 0)
      fs.symlinkSync("/dev/zero", file);
    expect(load).toThrow(/^it is a (device|symbolic link), not a file/);
  });

  test("is replaced rather than followed at the other names of a rotation", () => {
    const { directory, append, load } = place();
    const [one, two] = [elsewhere(), elsewhere()];
    append(lines("a"));
    fs.symlinkSync(one, join(directory, OLDER));
    fs.symlinkSync(two, join(directory, "delegation_results.next.jsonl"));
    append(lines("b"), 10);
    expect(load().delivered).toEqual(["a", "b"]);
    expect([one, two].map((path) => fs.readFileSync(path, "utf8"))).toEqual(["# mine\n", "# mine\n"]);
  });
});
