import * as browser from "@x/auth-browser";
import * as core from "@x/auth-core";
import { join } from "./join.ts";

/** Called by the tests, in the page. */
const site = { ...core, ...browser, join };
Object.assign(globalThis, { site });

export type SiteGlobal = typeof site;
