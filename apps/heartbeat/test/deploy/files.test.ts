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

  it("runs one runner, not as root, on a file system that it cannot write to, without any privilege", () => {
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

  it("mounts a volume that outlives the pod at /configs, and directories only", () => {
    expect(set()).toMatchObject({ spec: { volumeClaimTemplates: [{ metadata: { name: "configs" } }] } });
    expect(set()).toMatchObject(
      container({ volumeMounts: expect.arrayContaining([{ name: "configs", mountPath: "/configs" }]) }),
    );
    expect(text.replaceAll(/#.*/g, "")).not.toContain("subPath");
  });

  it("restarts by whether the process answers, and shows whether heartbeats get through, on the port of its status", () => {
    expect(set()).toMatchObject(
      container({
        args: expect.arrayContaining(["--status-port=9464", "--status-host=0.0.0.0"]),
        ports: [{ name: "status", containerPort: 9464 }],
        livenessProbe: expect.objectContaining({ httpGet: { path: "/live", port: "status" } }),
        readinessProbe: expect.objectContaining({ httpGet: { path: "/health", port: "status" } }),
      }),
    );
  });

  it("uses flags that exist, and holds no token", () => {
    expect(unknownFlags(text.match(/--[a-z][a-z-]+/g) ?? [])).toEqual([]);
    expect(text).not.toMatch(/"token"|auth_token:|Bearer/);
  });
});

describe("the Kubernetes example with three runners", () => {
  it("runs three with the same list, the key as a file that is the group's, and the URL in no flag", async () => {
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

  it("leaves compiler and sources in a stage of their own", () => {
    expect(lines.filter((line) => line.startsWith("FROM "))).toHaveLength(2);
    expect(lines.join("\n")).toMatch(/install --frozen-lockfile[\s\S]*--prod .*deploy \/app/);
    expect(instruction("COPY")).toEqual(["COPY --from=build /app /app"]);
  });

  it("runs as a numbered user that is not root, with /configs as a directory of that user's", () => {
    expect(instruction("USER")).toEqual(["USER 1000:1000"]);
    expect(instruction("VOLUME")).toEqual(["VOLUME /configs"]);
    expect(instruction("RUN")).toEqual(["RUN install -d -o 1000 -g 1000 -m 0700 /configs"]);
    expect(instruction("ENV")).toContain("ENV CONFIGS_DIR=/configs");
  });

  it("starts node itself, which gets the signals then, with flags that exist", () => {
    expect(instruction("ENTRYPOINT")).toEqual(['ENTRYPOINT ["node", "/app/bin/heartbeat.mjs"]']);
    const command: unknown = JSON.parse(instruction("CMD")[0]?.slice("CMD ".length) ?? "");
    expect(command).toEqual(["run", "--status-port", "9464"]);
    expect(unknownFlags(["--status-port"])).toEqual([]);
  });

  it("holds no secret, and lets none into the build", async () => {
    expect(lines.join("\n")).not.toMatch(/TOKEN|SECRET|PASSWORD|ARG (?!NODE_VERSION)/i);
    const ignored = (await read("Dockerfile.dockerignore")).split("\n");
    expect(ignored).toEqual(expect.arrayContaining([".git", "**/.auth_token*", "**/node_modules"]));
  });
});

describe("the systemd unit", () => {
  it("keeps the tokens in a directory that is its own, as a user that is not root, and writes nowhere else", async () => {
    const unit = await read("heartbeat.service");
    expect(unit).toMatch(/^User=heartbeat$/m);
    expect(unit).toMatch(
      /^StateDirectory=heartbeat\nStateDirectoryMode=0700\nEnvironment=CONFIGS_DIR=%S\/heartbeat/m,
    );
    expect(unit).toMatch(/^ProtectSystem=strict$/m);
    expect(unit).toMatch(/^NoNewPrivileges=yes$/m);
  });

  it("is started again whatever happens but for a configuration that cannot be used, and reloads with SIGHUP", async () => {
    const unit = await read("heartbeat.service");
    expect(unit).toMatch(/^Restart=always$/m);
    expect(unit).toMatch(/^RestartPreventExitStatus=2$/m);
    expect(unit).toMatch(/^ExecReload=\/bin\/kill -HUP \$MAINPID$/m);
    const [command = ""] = unit.match(/^ExecStart=.*$/m) ?? [];
    expect(unknownFlags(command.split(" "))).toEqual([]);
  });

  it("is ready when the runner says so, however long that takes, and restarted when it stands still", async () => {
    const unit = await read("heartbeat.service");
    expect(unit).toMatch(/^Type=notify\nNotifyAccess=all$/m);
    expect(unit).toMatch(/^TimeoutStartSec=infinity$/m);
    expect(unit).toMatch(/^WatchdogSec=\d\d$/m);
  });

  it("is found right by systemd-analyze, where there is one", () => {
    const { error, status, stdout, stderr } = spawnSync(
      "systemd-analyze",
      ["verify", pathOf("heartbeat.service")],
      { encoding: "utf8" },
    );
    if (error !== undefined) return expect(error).toMatchObject({ code: "ENOENT" });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
  });
});
