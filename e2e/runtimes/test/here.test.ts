import { here } from "../src/runtimes.ts";
import { check } from "./check.ts";

for (const runtime of here) check(runtime);
