import { file } from "../node/file.ts";
import { runSuites } from "../suites.ts";

declare const Bun: {
  readonly argv: readonly string[];
  write(to: unknown, text: string): Promise<number>;
  readonly stdout: unknown;
};

const [, , setting = "{}"] = Bun.argv;
await Bun.write(Bun.stdout, JSON.stringify(await runSuites(JSON.parse(setting), { "auth-node": file })));
