import { file } from "../node/file.ts";
import { runSuites } from "../suites.ts";

declare const Deno: { readonly args: readonly string[] };

const [setting = "{}"] = Deno.args;
console.log(JSON.stringify(await runSuites(JSON.parse(setting), { "auth-node": file })));
