import { runSuites } from "../suites.ts";

/** Called by the driver, in the page. */
Object.assign(globalThis, { runInPage: runSuites });
