import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { flagsOf } from "../help.ts";

const pathOf = (name: string) => fileURLToPath(new URL(`../../../../deploy/${name}`, import.meta.url));
const read = (name: string) => readFile(pathOf(name), "utf8");

const known = flagsOf("run");

/** Flags of a command line that `heartbeat run` does not know. */
const unknownFlags = (words: readonly string[]): string[] =>
  words.filter((word) => word.startsWith("--") && !known.includes(word.split("=")[0] ?? ""));

describe("the Kubernetes example", () => {
  let text = "";
  let documents: unknown[] = [];
  beforeAll(async () => {
    text = await read("kubernetes.yaml");
    documents = parseAllDocuments(text).map((document) => {
      expect(document.errors).toEqual([]);
      return document.toJS();
    });
  });
  const set = () => documents.find((document) => (document as { kind: string }).kind === "StatefulSet");
  const container = (expected: object) => ({
    spec: { template: { spec: { containers: [expect.objectContaining(expected)] } } },
  });

  it("runs one runner, not as root, on a read-only file system, without privileges", () => {
    expect(set()).toMatchObject({
      spec: {
        replicas: 1,
        template: {
          spec: {
            automountServiceAccountToken: false,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 1000,
              fsGroup: 1000,
              fsGroupChangePolicy: "OnRootMismatch",
              seccompProfile: { type: "RuntimeDefault" },
            },
          },
        },
      },
    });
    const securityContext = {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    };
    expect(set()).toMatchObject(container({ securityContext }));
  });

  it("mounts a persistent volume at /configs, and only directories", () => {
    expect(set()).toMatchObject({ spec: { volumeClaimTemplates: [{ metadata: { name: "configs" } }] } });
    expect(set()).toMatchObject(
      container({ volumeMounts: expect.arrayContaining([{ name: "configs", mountPath: "/configs" }]) }),
    );
    expect(text.replaceAll(/#.*/g, "")).not.toContain("subPath");
  });

  it("probes liveness at /live and readiness at /health, on the status port", () => {
    expect(set()).toMatchObject(
      container({
        args: expect.arrayContaining(["--status-port=9464", "--status-host=0.0.0.0"]),
        ports: [{ name: "status", containerPort: 9464 }],
        livenessProbe: expect.objectContaining({ httpGet: { path: "/live", port: "status" } }),
        readinessProbe: expect.objectContaining({ httpGet: { path: "/health", port: "status" } }),
      }),
    );
  });

  it("uses only existing flags, and contains no token", () => {
    expect(unknownFlags(text.match(/--[a-z][a-z-]+/g) ?? [])).toEqual([]);
    expect(text).not.toMatch(/"token"|auth_token:|Bearer/);
  });
});

describe("the Kubernetes example with three runners", () => {
  it("runs three with the same list, a group-owned key file, and the URL in no flag", async () => {
    const text = await read("kubernetes-three-runners.yaml");
    const documents = parseAllDocuments(text).map((document) => {
      expect(document.errors).toEqual([]);
      return document.toJS();
    });
    const set = documents.find(({ kind }) => kind === "StatefulSet");
    expect(set).toMatchObject({
      spec: {
        replicas: 3,
        podManagementPolicy: "Parallel",
        template: {
          spec: {
            containers: [
              {
                args: expect.arrayContaining(["--store-key-file=/etc/heartbeat-store/store.key"]),
                env: expect.arrayContaining([
                  {
                    name: "HEARTBEAT_STORE",
                    valueFrom: { secretKeyRef: { name: "heartbeat-store", key: "url" } },
                  },
                ]),
                livenessProbe: expect.objectContaining({ httpGet: { path: "/live", port: "status" } }),
                securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
              },
            ],
          },
        },
      },
    });
    expect(text).toMatch(/path: store\.key \}\]\n.*\n +defaultMode: 0440/);
    expect(documents.map(({ kind }) => kind)).toContain("PodDisruptionBudget");
    const { containers } = set.spec.template.spec;
    expect(unknownFlags(containers[0].args)).toEqual([]);
  });
});

describe("the Dockerfile", () => {
  let lines: string[] = [];
  beforeAll(async () => {
    const text = await read("Dockerfile");
    lines = text
      .replaceAll(/^#.*\n/gm, "")
      .replaceAll("\\\n", " ")
      .split("\n")
      .filter(Boolean);
  });
  const last = () => lines.slice(lines.map((line) => line.startsWith("FROM ")).lastIndexOf(true));
  const instruction = (name: string) => last().filter((line) => line.startsWith(`${name} `));

  it("leaves compiler and sources in a separate stage", () => {
    expect(lines.filter((line) => line.startsWith("FROM "))).toHaveLength(2);
    expect(lines.join("\n")).toMatch(/install --frozen-lockfile[\s\S]*--prod .*deploy \/app/);
    expect(instruction("COPY")).toEqual(["COPY --from=build /app /app"]);
  });

  it("runs as a numeric non-root user, who owns /configs", () => {
    expect(instruction("USER")).toEqual(["USER 1000:1000"]);
    expect(instruction("VOLUME")).toEqual(["VOLUME /configs"]);
    expect(instruction("RUN")).toEqual(["RUN install -d -o 1000 -g 1000 -m 0700 /configs"]);
    expect(instruction("ENV")).toContain("ENV CONFIGS_DIR=/configs");
  });

  it("starts node directly, so that it receives signals, with existing flags", () => {
    expect(instruction("ENTRYPOINT")).toEqual(['ENTRYPOINT ["node", "/app/bin/heartbeat.mjs"]']);
    const command: unknown = JSON.parse(instruction("CMD")[0]?.slice("CMD ".length) ?? "");
    expect(command).toEqual(["run", "--status-port", "9464"]);
    expect(unknownFlags(["--status-port"])).toEqual([]);
  });

  it("contains no secret, and lets none into the build", async () => {
    expect(lines.join("\n")).not.toMatch(/TOKEN|SECRET|PASSWORD|ARG (?!NODE_VERSION)/i);
    const ignored = (await read("Dockerfile.dockerignore")).split("\n");
    expect(ignored).toEqual(expect.arrayContaining([".git", "**/.auth_token*", "**/node_modules"]));
  });
});

describe("the systemd unit", () => {
  it("keeps the tokens in its own directory as a non-root user, and writes nowhere else", async () => {
    const unit = await read("heartbeat.service");
    expect(unit).toMatch(/^User=heartbeat$/m);
    expect(unit).toMatch(
      /^StateDirectory=heartbeat\nStateDirectoryMode=0700\nEnvironment=CONFIGS_DIR=%S\/heartbeat/m,
    );
    expect(unit).toMatch(/^ProtectSystem=strict$/m);
    expect(unit).toMatch(/^NoNewPrivileges=yes$/m);
  });

  it("is restarted after any exit except for an unusable configuration, and reloads with SIGHUP", async () => {
    const unit = await read("heartbeat.service");
    expect(unit).toMatch(/^Restart=always$/m);
    expect(unit).toMatch(/^RestartPreventExitStatus=2$/m);
    expect(unit).toMatch(/^ExecReload=\/bin\/kill -HUP \$MAINPID$/m);
    const [command = ""] = unit.match(/^ExecStart=.*$/m) ?? [];
    expect(unknownFlags(command.split(" "))).toEqual([]);
  });

  it("is ready when the runner reports it, however long that takes, and is restarted when it hangs", async () => {
    const unit = await read("heartbeat.service");
    expect(unit).toMatch(/^Type=notify\nNotifyAccess=all$/m);
    expect(unit).toMatch(/^TimeoutStartSec=infinity$/m);
    expect(unit).toMatch(/^WatchdogSec=\d\d$/m);
  });

  it("passes systemd-analyze, if installed", () => {
    const { error, status, stdout, stderr } = spawnSync(
      "systemd-analyze",
      ["verify", pathOf("heartbeat.service")],
      { encoding: "utf8" },
    );
    if (error !== undefined) return expect(error).toMatchObject({ code: "ENOENT" });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
  });
});
