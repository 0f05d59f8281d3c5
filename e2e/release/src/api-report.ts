import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import { entryPoints, type Manifest } from "./workspace.ts";

/**
 * A package's public face as text: every exported name of each entry point and what it consists of, in order, without
 * prose.
 */
export function apiReport(folder: string, manifest: Manifest): string {
  return entryPoints(manifest)
    .map((entry) => {
      const name = entry === "index" ? manifest.name : `${manifest.name}/${entry}`;
      return reportOf(folder, entry).replace(`"${manifest.name}"`, `"${name}"`);
    })
    .join("\n");
}

function reportOf(folder: string, entry: string): string {
  const reportFolder = mkdtempSync(join(tmpdir(), "api-"));
  try {
    const config = ExtractorConfig.prepare({
      packageJsonFullPath: join(folder, "package.json"),
      configObjectFullPath: undefined,
      configObject: {
        projectFolder: folder,
        mainEntryPointFilePath: join(folder, `dist/${entry}.d.ts`),
        newlineKind: "lf",
        compiler: { overrideTsconfig: { compilerOptions } },
        apiReport: {
          enabled: true,
          reportFolder,
          reportTempFolder: join(reportFolder, "temp"),
          reportFileName: "report",
          // A type that is used in public, but has no public name, can still break a user.
          includeForgottenExports: true,
        },
        messages: {
          compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
          extractorMessageReporting: {
            default: { logLevel: ExtractorLogLevel.None },
            "ae-forgotten-export": { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
          },
          tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        },
      },
    });
    const { succeeded } = Extractor.invoke(config, {
      localBuild: true,
      messageCallback(message) {
        if (message.logLevel !== ExtractorLogLevel.Error) message.handled = true;
      },
    });
    if (!succeeded) throw new Error(`the declarations of ${folder} cannot be read`);
    return readFileSync(config.reportFilePath, "utf8");
  } finally {
    rmSync(reportFolder, { recursive: true });
  }
}

const compilerOptions = {
  target: "es2022",
  module: "nodenext",
  lib: ["es2022", "dom", "esnext.disposable"],
  types: ["node"],
  strict: true,
  skipLibCheck: true,
};
