import { file } from "../node/file.ts";
import { runSuites } from "../suites.ts";

const [setting = "{}"] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await runSuites(JSON.parse(setting), { "auth-node": file })));
