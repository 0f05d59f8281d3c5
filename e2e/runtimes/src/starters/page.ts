import { runSuites } from "../suites.ts";

/** For the driver, which calls it in the page. */
Object.assign(globalThis, { runInPage: runSuites });
