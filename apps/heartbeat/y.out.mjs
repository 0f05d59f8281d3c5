// apps/heartbeat/y.mts
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import { dirname, join } from "node:path";
import { startEmulator, workspaceId } from "@x/emulator";
var layout = process.argv[2] ?? "single";
var e = await startEmulator({ rateLimit: { max: 1e6, windowMs: 6e4 } });
var id = workspaceId("atlas");
var bin = "/tmp/h3/apps/heartbeat/bin/heartbeat.mjs";
var base = fs.mkdtempSync("/tmp/h3x/dm-");
fs.chmodSync(base, 493);
var aud = `http_127.0.0.1_${new URL(e.url).port}`;
var own = layout === "single" ? "" : `workspaces/${aud}/${id}/`;
var files = [
  `${own}.auth_token`,
  `${own}.auth_token.origins`,
  `${own}.platform_inbound_secret`,
  `${own}inbox.jsonl`,
  `${own}inbox.next.jsonl`,
  `${own}delegation_results.jsonl`,
  `${own}delegation_results.1.jsonl`,
  `${own}delegation_results.next.jsonl`,
  `${own}failed_messages.jsonl`,
  ".runner.json",
  `unsaved/${aud}/${id}/.auth_token`,
  `unsaved/${aud}/${id}/.replaced_token`,
  "unsaved",
  `unsaved/${aud}`,
  `unsaved/${aud}/${id}`,
  ...layout === "list" ? ["workspaces", `workspaces/${aud}`, `workspaces/${aud}/${id}`, `workspaces/${id}`] : []
];
var kinds = {
  empty: (p) => fs.writeFileSync(p, ""),
  directory: (p) => fs.mkdirSync(p),
  fifo: (p) => execFileSync("mkfifo", [p]),
  binary: (p) => fs.writeFileSync(p, Buffer.from(Array.from({ length: 5e3 }, (_, i) => i * 37 % 256))),
  dangling: (p) => fs.symlinkSync("/nonexistent/x", p),
  "root owned": (p) => {
    fs.writeFileSync(p, "{}\n", { mode: 384 });
    fs.chownSync(p, 0, 0);
  },
  hugeline: (p) => fs.writeFileSync(p, "x".repeat(2e7))
};
async function one(file, kind) {
  e.reset();
  const token = e.create(id);
  const configs = fs.mkdtempSync(join(base, "c-"));
  const put = (f, t2) => {
    fs.mkdirSync(dirname(join(configs, f)), { recursive: true });
    fs.writeFileSync(join(configs, f), t2, { mode: 384 });
  };
  put(`${own}.auth_token`, token);
  const list = join(base, "list.json");
  fs.writeFileSync(list, JSON.stringify([{ id }]));
  const path = join(configs, file);
  fs.rmSync(path, { recursive: true, force: true });
  fs.mkdirSync(dirname(path), { recursive: true });
  execFileSync("chown", ["-R", "65534:65534", configs]);
  kinds[kind](path);
  if (kind !== "root owned") execFileSync("chown", ["-h", "65534:65534", path]);
  const from = e.requests.length;
  const args = [
    "run",
    "--interval",
    "5",
    "--configs-dir",
    configs,
    "--platform-url",
    e.url,
    "--on-message",
    "cat >/dev/null; echo ok",
    ...layout === "single" ? ["--workspace-id", id] : ["--workspaces-file", list]
  ];
  const p = spawn(process.execPath, [bin, ...args], {
    env: { PATH: process.env.PATH, HOME: "/nonexistent" },
    uid: 65534,
    gid: 65534
  });
  let out = "";
  p.stdout.on("data", (d) => out += d);
  p.stderr.on("data", (d) => out += d);
  const ended = new Promise((r) => p.on("exit", (c, s) => r(`${c ?? s}`)));
  await new Promise((r) => setTimeout(r, 1500));
  const message = { role: "user", parts: [{ kind: "text", text: "hi" }] };
  await fetch(`${e.url}/workspaces/${id}/a2a`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${e.adminToken}`, origin: e.url },
    body: JSON.stringify({ jsonrpc: "2.0", method: "message/send", params: { message } })
  });
  e.addDelegation(id, {});
  await Promise.race([ended, new Promise((r) => setTimeout(r, 7500))]);
  p.kill("SIGTERM");
  const t = Date.now();
  const code = await ended;
  const took = Date.now() - t;
  const reqs = e.requests.slice(from);
  const hb = reqs.filter((r) => r.path.endsWith("heartbeat") && r.status === 200).length;
  const n = reqs.filter((r) => r.path.endsWith("/notify")).length;
  const w = out.split("\n").filter((l) => !l.includes('"level":"info"') && l).map((l) => {
    try {
      const j = JSON.parse(l);
      return `   ${j.level} ${j.code}: ${j.msg.replaceAll(configs, "C").slice(0, 230)}`;
    } catch {
      return "   RAW " + l.slice(0, 300);
    }
  });
  const st = e.workspaces()[0];
  console.log(
    `${layout} ${file.replace(id, "ID").replace(aud, "AUD")} ${kind}: exit ${code} in ${took} ms, heartbeats ${hb}, notify ${n}, 401 ${reqs.filter((r) => r.status === 401).length}, live ${st?.liveTokens}, dir ${fs.existsSync(configs + "/" + own + ".auth_token") && fs.lstatSync(configs + "/" + own + ".auth_token").isFile() ? fs.readFileSync(configs + "/" + own + ".auth_token", "utf8") === token : "none"}${out.includes(token) ? " LEAK" : ""}
${[...new Set(w)].slice(0, 8).join("\n")}`
  );
}
for (const f of files.filter((f2) => /runner|unsaved|workspaces/.test(f2) && !/auth_token|inbound|inbox|results|failed|replaced/.test(f2)))
  for (const k of Object.keys(kinds)) {
    if (/^(unsaved|workspaces)(\/[^.]*)?$/.test(f) && k === "directory") continue;
    await one(f, k).catch((x) => console.log(f, k, String(x)));
  }
process.exit();
